/** The tasks that a worker works on, with their leases. @module */

import { ConflictError, DeadlineError, MeshError, reportOf } from "../errors.ts";
import { failureOf } from "./failure.ts";
import { Reporter } from "./reporter.ts";
import type { BeatAnswer, HeldTask, LeasedTask } from "./task-source.ts";
import type { Drained, WorkerNeeds } from "./worker-types.ts";

interface Running {
  readonly task: LeasedTask;
  readonly abort: AbortController;
  /** Resolves when the owner knows what became of it, or it is another's. */
  readonly over: Promise<void>;
  /** On our clock: by then it may be another's. */
  until: number;
}

/** When a lease was asked for, and how long it is. */
interface LeaseTime {
  readonly sentAt: number;
  readonly leaseMs: number;
}

/** A part of the lease that is not used: the time that a message may be on its way. */
const MARGIN = 0.1;
/** How soon a word that did not arrive is said again, and at the latest. */
const RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
/** So long a worker that leaves tries to give back; without its word the leases run out. */
const LAST_WORD_MS = 2_000;

/** Starts handlers, renews leases, delivers outcomes. */
export class RunningTasks {
  readonly #needs: WorkerNeeds;
  readonly #tasks = new Map<string, Running>();
  readonly #waiting = new Set<() => void>();
  #leaseMs = 30_000;
  #beat: (() => void) | undefined;
  readonly #unhear: (() => void) | undefined;
  #finished = 0;
  #isOver = false;

  constructor(needs: WorkerNeeds) {
    this.#needs = needs;
    this.#unhear = needs.source.onCancel?.((id) => this.#cancel(id));
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Resolves when there is a free slot. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#tasks.size >= this.#needs.facts.slots) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  start(task: LeasedTask, { sentAt, leaseMs }: LeaseTime): void {
    this.#leaseMs = leaseMs;
    const abort = new AbortController();
    const until = sentAt + leaseMs * (1 - MARGIN);
    const over = Promise.try(() => this.#work(task, abort)).finally(() => {
      this.#tasks.delete(task.id);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    this.#tasks.set(task.id, { task, abort, over, until });
    this.#armBeat();
  }

  /** Wait for what runs, and give back what is not over in time. */
  async drain(graceMs: number): Promise<Drained> {
    const before = this.#finished;
    const all = (): Promise<unknown> =>
      Promise.all([...this.#tasks.values()].map(({ over }) => over));
    const over = new AbortController();
    const grace = this.#needs.clock.sleep(graceMs, over.signal).catch(() => undefined);
    await Promise.race([all(), grace]);
    over.abort();
    const left = [...this.#tasks.values()];
    for (const { abort } of left) abort.abort(new Released());
    const told = new AbortController();
    const patience = this.#needs.clock.sleep(LAST_WORD_MS, told.signal).catch(() => undefined);
    await Promise.race([all(), patience]);
    told.abort();
    this.#isOver = true;
    this.#beat?.();
    this.#unhear?.();
    return { finished: this.#finished - before, released: left.length };
  }

  async #work(task: LeasedTask, abort: AbortController): Promise<void> {
    const { run, source } = this.#needs;
    const held: HeldTask = { id: task.id, token: task.token };
    const disarm = this.#armDeadline(task, abort);
    const reporter = new Reporter(held, this.#needs);
    let tell: () => Promise<void>;
    try {
      const { progress, log } = reporter;
      const context = { signal: abort.signal, progress, log };
      const result = await orAborted(run(task, context), abort.signal);
      tell = () => source.complete(held, result);
    } catch (error) {
      if (error instanceof Released) tell = () => source.giveBack(held);
      else tell = () => source.fail({ ...held, error: reportOf(error), ...failureOf(error) });
    } finally {
      disarm();
      reporter.flush();
    }
    const { reason } = abort.signal;
    if (!(reason instanceof Released || reason instanceof LeaseLost)) this.#finished += 1;
    await this.#deliver(task, tell, abort.signal);
  }

  /** Say it until it is heard; whose task it is no more need not be told. */
  async #deliver(task: LeasedTask, tell: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      if (isLost(signal) || this.#isOver) return;
      try {
        await tell();
        return;
      } catch (error) {
        if (error instanceof MeshError && !isTransient(error)) {
          if (error.code !== "lease_lost") this.#needs.trouble(`settling ${task.id}`, error);
          return;
        }
        this.#needs.trouble(`settling ${task.id}`, error);
        await this.#needs.clock.sleep(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (failures - 1)));
      }
    }
  }

  #armDeadline({ id, timeoutMs }: LeasedTask, abort: AbortController): () => void {
    return this.#needs.clock.after(timeoutMs, () => {
      const message = `Task ${id} took longer than its ${timeoutMs} ms`;
      abort.abort(new DeadlineError("deadline_exceeded", message, { data: { timeoutMs } }));
    });
  }

  #armBeat(): void {
    if (this.#beat || this.#tasks.size === 0) return;
    this.#beat = this.#needs.clock.after(this.#leaseMs / 3, () => {
      this.#beat = undefined;
      void this.#heartbeat();
      this.#armBeat();
    });
  }

  async #heartbeat(): Promise<void> {
    const { source, facts, clock, trouble } = this.#needs;
    const running = [...this.#tasks.values()];
    const sentAt = clock.monotonic();
    for (const { abort, until, task } of running) {
      if (sentAt > until) abort.abort(new LeaseLost(task.id));
    }
    const held = running.map(({ task: { id, token } }) => ({ id, token }));
    try {
      this.#heed(await source.heartbeat(facts, held), running, sentAt);
    } catch (error) {
      trouble("telling that it is there", error);
    }
  }

  #heed(
    { lost, cancelRequested, unheard = [] }: BeatAnswer,
    running: readonly Running[],
    sentAt: number,
  ): void {
    for (const one of running) {
      const { id } = one.task;
      if (lost.includes(id)) one.abort.abort(new LeaseLost(id));
      else if (!unheard.includes(id)) one.until = sentAt + this.#leaseMs * (1 - MARGIN);
    }
    for (const id of cancelRequested) this.#cancel(id);
  }

  #cancel(id: string): void {
    const error = new DeadlineError("cancelled", `Task ${id} was cancelled`);
    this.#tasks.get(id)?.abort.abort(error);
  }
}

/** The worker stops; the task is for another. */
class Released extends Error {}

/** The task is another's by now. */
class LeaseLost extends ConflictError {
  constructor(id: string) {
    super("lease_lost", `The lease of task ${id} ran out; another worker may have it`);
  }
}

const isLost = ({ reason }: AbortSignal): boolean => reason instanceof LeaseLost;

/** Whether the same word may be accepted later. */
function isTransient({ code, retryable }: MeshError): boolean {
  return retryable && code !== "lease_lost";
}

/** A handler that does not heed its signal is not waited for. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
