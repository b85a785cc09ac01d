/** A client: submits runs until it is told that they are kept, and asks for their end. @module */

import { isFinal } from "../../../src/queue/task.ts";
import { written } from "../../support/random-workflows.ts";
import { Caller, type CallerNeeds } from "../queue/caller.ts";
import type { Message, Request } from "../queue/messages.ts";
import { createLife, type Life } from "../queue/scheduler.ts";
import type { RunErrand } from "./plan.ts";

/** One client process. */
export class RunClient {
  readonly #needs: CallerNeeds;
  readonly #life: Life = createLife();
  readonly #caller: Caller;
  #open = 0;
  #made = 0;

  constructor(needs: CallerNeeds) {
    this.#needs = needs;
    this.#caller = new Caller(needs, this.#life);
  }

  /** Everything that it was to do is done. */
  get isIdle(): boolean {
    return this.#open === 0;
  }

  receive(message: Message): void {
    if ("answer" in message) this.#caller.receive(message);
  }

  run({ afterMs, key, graph, n, pause }: RunErrand): void {
    const workflow = written(graph);
    this.#open += 1;
    // Each try under an id of its own: it is the key that makes them one.
    const request = (): Request => {
      this.#made += 1;
      const id = `${this.#needs.party}-${this.#made}`;
      return { op: "submit-run", id, key, workflow, input: { n } };
    };
    this.#later(afterMs, () =>
      this.#caller.persist(request, (answer) => {
        const id = "task" in answer ? answer.task?.spec.id : undefined;
        if (id === undefined) throw new Error(`refused: ${JSON.stringify(answer)}`);
        if (pause) this.#later(pause.afterMs, () => this.#pause(id, pause.lastsMs));
        else this.#follow(id, false);
      }),
    );
  }

  #later(ms: number, work: () => void): void {
    this.#needs.scheduler.after(ms, work, this.#life);
  }

  #pause(id: string, lastsMs: number): void {
    const then = (): void => this.#later(lastsMs, () => this.#follow(id, true));
    this.#caller.persist(() => ({ op: "pause-run", id }), then);
  }

  /** One that was paused is resumed each time: a copy of the pause may have come late. */
  #follow(id: string, wasPaused: boolean): void {
    const wait = (): void =>
      this.#caller.persist(
        () => ({ op: "settled", id, waitMs: 400 }),
        (answer) => {
          const task = "task" in answer ? answer.task : undefined;
          if (task && !isFinal(task)) this.#follow(id, wasPaused);
          else this.#open -= 1;
        },
      );
    if (wasPaused) this.#caller.persist(() => ({ op: "resume-run", id }), wait);
    else wait();
  }
}
