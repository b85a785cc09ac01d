/** Asks the owner, again and again until it answers; and remembers what was asked and answered. @module */

import type { Chance } from "./chance.ts";
import type { History } from "./history.ts";
import type { Answer, Message, Party, Request } from "./messages.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** What a caller needs. */
export interface CallerNeeds {
  readonly party: Party;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly history: History;
  readonly send: (message: Message) => void;
}

interface Pending {
  readonly answered: (answer: Answer) => void;
  readonly stop: () => void;
}

/** Answers that ask for another try. */
const TRANSIENT: ReadonlySet<string> = new Set(["queue_full", "storage_failed"]);

/** The asking side of one process; what it waits for is gone with the process. */
export class Caller {
  readonly #needs: CallerNeeds;
  readonly #life: Life;
  readonly #pending = new Map<number, Pending>();

  constructor(needs: CallerNeeds, life: Life) {
    this.#needs = needs;
    this.#life = life;
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Ask once; `undefined` where no answer came in time. */
  once(request: Request, waitMs: number, answered: (answer: Answer | undefined) => void): void {
    const { scheduler } = this.#needs;
    const rid = this.#send(request, { answered, stop: () => disarm() });
    const disarm = scheduler.after(
      waitMs,
      () => {
        this.#pending.delete(rid);
        answered(undefined);
      },
      this.#life,
    );
  }

  /** Ask until an answer comes; each try is made anew. */
  persist(request: () => Request | undefined, answered: (answer: Answer) => void): void {
    const { chance } = this.#needs;
    const wanted = request();
    if (!wanted) return;
    const waitMs = chance.between(100, 400) + ("waitMs" in wanted ? wanted.waitMs : 0);
    this.once(wanted, waitMs, (answer) => {
      const isOver = answer && !("refused" in answer && TRANSIENT.has(answer.refused));
      if (isOver) answered(answer);
      else this.#needs.scheduler.after(20, () => this.persist(request, answered), this.#life);
    });
  }

  receive({ rid, answer }: Extract<Message, { readonly answer: Answer }>): void {
    this.#needs.history.answered(rid, answer);
    const pending = this.#pending.get(rid);
    if (!pending) return;
    this.#pending.delete(rid);
    pending.stop();
    pending.answered(answer);
  }

  #send(request: Request, pending: Pending): number {
    const { party, send, history } = this.#needs;
    const rid = history.invoked(party, request);
    this.#pending.set(rid, pending);
    send({ party, rid, request });
    return rid;
  }
}
