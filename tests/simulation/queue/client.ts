/** A client: submits until it is told that the task is kept, and changes its mind later. @module */

import { isFinal } from "../../../src/queue/task.ts";
import { Caller, type CallerNeeds } from "./caller.ts";
import type { Message, Request } from "./messages.ts";
import type { Deed, Errand } from "./plan.ts";
import { createLife, type Life } from "./scheduler.ts";

/** One client process. */
export class Client {
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

  run(errand: Errand): void {
    this.#later(errand.afterMs, (done) => this.#submit(errand, done));
  }

  /** Something to do after a while, which counts until it is done. */
  #later(ms: number, work: (done: () => void) => void): void {
    this.#open += 1;
    const done = (): void => {
      this.#open -= 1;
    };
    this.#needs.scheduler.after(ms, () => work(done), this.#life);
  }

  #submit({ wanted, deeds, isFollowed }: Errand, done: () => void): void {
    const hasKey = wanted.spec.idempotencyKey !== undefined;
    // Each try under an id of its own: it is the key that makes them one.
    const request = (): Request => ({ op: "submit", id: this.#newId(), wanted });
    const submitted = (id: string): void => {
      for (const deed of deeds) this.#later(deed.afterMs, (over) => this.#do(id, deed, over));
      if (isFollowed) this.#later(100, (over) => this.#follow(id, over));
    };
    if (hasKey) {
      this.#caller.persist(request, (answer) => {
        if ("task" in answer && answer.task) submitted(answer.task.spec.id);
        done();
      });
    } else {
      // Without a key nobody can tell whether a second try would be a second task.
      this.#caller.once(request(), 500, (answer) => {
        if (answer && "task" in answer && answer.task) submitted(answer.task.spec.id);
        done();
      });
    }
  }

  #do(id: string, { op }: Deed, done: () => void): void {
    const { chance } = this.#needs;
    const requests: Record<Deed["op"], Request> = {
      cancel: { op: "cancel", id, graceMs: chance.between(0, 500) },
      prioritize: { op: "prioritize", id, priority: chance.between(10, 99) },
      update: { op: "update", id, note: this.#newId() },
      prune: { op: "prune" },
    };
    const request = requests[op];
    this.#caller.persist(() => request, done);
  }

  #follow(id: string, done: () => void): void {
    const request = { op: "settled", id, waitMs: 400 } as const;
    this.#caller.persist(
      () => request,
      (answer) => {
        const task = "task" in answer ? answer.task : undefined;
        if (!task) done();
        else if (!isFinal(task)) this.#follow(id, done);
        else if (task.state === "done" || this.#needs.chance.happens(0.5)) done();
        else this.#resubmit(id, done);
      },
    );
  }

  #resubmit(id: string, done: () => void): void {
    this.#caller.persist(() => ({ op: "resubmit", id, newId: this.#newId() }), done);
  }

  #newId(): string {
    this.#made += 1;
    return `${this.#needs.party}-${this.#made}`;
  }
}
