/** A worker: claims, says that it is there, works for a while, and tells how it went. @module */

import type { Task } from "../../../src/queue/task.ts";
import type { OutcomeOf } from "./attempt-outcome.ts";
import { Caller, type CallerNeeds } from "./caller.ts";
import { type Answer, type Attempt, type Message, type Settling, textOf } from "./messages.ts";
import type { Mutation } from "./mutations.ts";
import { LEASE_MS } from "./owner.ts";
import { createLife, type Life } from "./scheduler.ts";

/** What a worker is like. */
export interface WorkerTraits {
  readonly abilities: readonly string[];
  readonly slots: number;
}

/** How a worker works. */
export interface Habits {
  readonly outcomeOf: OutcomeOf;
  readonly mutation: Mutation;
}

interface Running extends Attempt {
  readonly task: Task;
  settling?: Settling;
  /** It does not look up from its work, even to hear that it is to stop. */
  isDeaf?: boolean;
}

/** Some handlers hang, and end long after everybody stopped waiting. */
const HANG_MS = 15_000;

/** One worker process. */
export class Worker {
  crashes = 0;
  executions = 0;
  /** Attempts that were seen to an end of their own. */
  finished = 0;
  readonly #needs: CallerNeeds;
  readonly #traits: WorkerTraits;
  readonly #habits: Habits;
  #life: Life = createLife();
  #caller: Caller;
  #running = new Map<string, Running>();
  #isClaiming = false;

  constructor(needs: CallerNeeds, traits: WorkerTraits, habits: Habits) {
    this.#needs = needs;
    this.#traits = traits;
    this.#habits = habits;
    this.#caller = new Caller(needs, this.#life);
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  start(): void {
    this.#life = createLife();
    this.#caller = new Caller(this.#needs, this.#life);
    this.#running = new Map();
    this.#isClaiming = false;
    this.#claim();
    this.#beat();
  }

  crash(): void {
    if (this.#life.isOver) return;
    this.crashes += 1;
    this.#life.isOver = true;
  }

  /** Start again, if it died. */
  revive(): void {
    if (this.#life.isOver) this.start();
    this.#life.pausedUntil = 0;
  }

  pause(ms: number): void {
    this.#life.pausedUntil = this.#needs.scheduler.now + ms;
  }

  receive(message: Message): void {
    if (!("answer" in message) || this.#life.isOver) return;
    this.#after(0, () => {
      this.#caller.receive(message);
      if (this.#habits.mutation === "uncorrelated-replies") this.#mistake(message);
    });
  }

  #after(ms: number, run: () => void): () => void {
    return this.#needs.scheduler.after(ms, run, this.#life);
  }

  #claim(): void {
    this.#after(this.#needs.chance.between(5, 60), () => this.#claim());
    const max = this.#traits.slots - this.#running.size;
    if (this.#isClaiming || max <= 0) return;
    this.#isClaiming = true;
    const { party: worker, chance } = this.#needs;
    const { abilities } = this.#traits;
    const waitMs = chance.pick([0, 300, 600]);
    const request = { op: "claim", worker, abilities, max, waitMs } as const;
    this.#caller.once(request, waitMs + 400, (answer) => {
      this.#isClaiming = false;
      if (answer && "tasks" in answer) for (const task of answer.tasks) this.#begin(task);
    });
  }

  #begin(task: Task): void {
    this.executions += 1;
    const { spec, token } = task;
    const running: Running = { id: spec.id, token, task };
    this.#running.set(this.#keyOf(running), running);
    const { chance } = this.#needs;
    const isHanging = chance.happens(0.02);
    const isLong = chance.happens(0.2);
    const workMs = isHanging
      ? HANG_MS
      : isLong
        ? chance.between(500, 2_500)
        : chance.between(2, 200);
    running.isDeaf = isHanging;
    this.#after(workMs, () => this.#finish(running));
    if (chance.happens(0.2)) this.#after(workMs / 2, () => this.#progress(running));
  }

  #progress({ id, token }: Running): void {
    const request = { op: "progress", id, token, progress: { done: 1 }, log: "half" } as const;
    this.#caller.once(request, 300, () => undefined);
  }

  #finish(running: Running): void {
    if (!this.#holds(running) || running.settling) return;
    this.finished += 1;
    this.#settle(running, this.#habits.outcomeOf(running.task, this.#needs.chance));
  }

  #settle(running: Running, settling: Settling): void {
    running.settling = settling;
    const still = (): Settling | undefined => (this.#holds(running) ? settling : undefined);
    this.#caller.persist(still, (answer) => this.#settled(running, answer));
  }

  #settled(running: Running, answer: Answer): void {
    if (!this.#holds(running)) return;
    this.#running.delete(this.#keyOf(running));
    if ("refused" in answer) return;
    const { id, token, settling: said } = running;
    this.#needs.history.believed({ worker: this.#needs.party, id, token, said });
  }

  /** The mutant: an answer about a task is one about whatever runs of it here. */
  #mistake({ rid, answer }: Extract<Message, { readonly answer: Answer }>): void {
    const request = this.#needs.history.requestOf(rid);
    if (request?.op !== "complete" && request?.op !== "fail" && request?.op !== "give-back") return;
    const running = this.#running.get(request.id);
    if (running) this.#settled(running, answer);
  }

  #beat(): void {
    this.#after(LEASE_MS / 3, () => this.#beat());
    const leases = [...this.#running.values()].map(({ id, token }) => ({ id, token }));
    if (leases.length === 0) return;
    const request = { op: "heartbeat", worker: this.#needs.party, leases } as const;
    this.#caller.once(request, LEASE_MS / 3, (answer) => {
      if (answer && "beat" in answer) this.#heed(answer.beat);
    });
  }

  #heed({
    lost,
    cancelRequested,
  }: {
    readonly lost: readonly string[];
    readonly cancelRequested: readonly string[];
  }): void {
    const { chance } = this.#needs;
    for (const running of [...this.#running.values()]) {
      if (running.settling) continue;
      if (!chance.happens(0.7)) continue;
      if (lost.includes(running.id)) this.#running.delete(this.#keyOf(running));
      else if (!running.isDeaf && cancelRequested.includes(running.id)) this.#stop(running);
    }
  }

  #stop(running: Running): void {
    const { id, token } = running;
    const error = { code: "cancelled", message: "stopped" };
    this.#settle(running, { op: "fail", id, token, failure: { error, isRetryable: true } });
  }

  #holds(running: Running): boolean {
    return this.#running.get(this.#keyOf(running)) === running;
  }

  #keyOf({ id, token }: Attempt): string {
    return this.#habits.mutation === "uncorrelated-replies" ? id : `${id} ${textOf(token)}`;
  }
}
