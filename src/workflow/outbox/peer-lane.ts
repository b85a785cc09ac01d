/** Our calls in the queue of one peer: given until it has them, asked for until they are over. @module */

import { backoffMs } from "../../concurrency/retry.ts";
import { UnavailableError } from "../../errors.ts";
import { type GivenOutcome, MAX_ASKED, type PeerQueue } from "../../queue/peer-queue.ts";
import type { Task, TaskError } from "../../queue/task.ts";
import { refuse, settle } from "./commands.ts";
import { batchOf, givenOf, keyOf } from "./given.ts";
import type { OutboxNeeds } from "./outbox.ts";

/** What a lane needs. */
export interface PeerLaneNeeds extends Omit<OutboxNeeds, "peerQueue"> {
  readonly peer: string;
  readonly remote: PeerQueue;
  /** Whether there are calls that this peer might have. */
  readonly isWanted: () => boolean;
  /** It can take more, or is known not to be there. */
  readonly changed: () => void;
  /** These certainly never got there: others may have them. */
  readonly giveUp: (ids: readonly string[]) => Promise<void>;
}

/** So long a peer that was never asked before is waited for, before others get all there is. */
export const PATIENCE_MS = 1_000;
/** How long the peer may wait for an outcome before it answers that there is none. */
const WAIT_MS = 20_000;
/** A peer that is not there is tried again after about this long, then longer. */
const RETRY = { initialMs: 500, maxMs: 10_000 } as const;

/** The calls that a peer has, or is to have. */
export class PeerLane {
  readonly #needs: PeerLaneNeeds;
  /** Not known to be there. */
  readonly #toGive = new Map<string, Task>();
  /** Of those, the ones that may have got there. */
  readonly #sent = new Set<string>();
  /** Calls that it has, by its ids of them. */
  readonly #given = new Map<string, Task>();
  /** Calls that were cancelled here before it was known whether they are there. */
  readonly #cancelled = new Set<string>();
  /** Its ids of calls that were cancelled here. */
  readonly #toWithdraw = new Set<string>();
  readonly #closed = new AbortController();
  /** Ends a wait, and a question that does not ask for everything. */
  #turn = new AbortController();
  /** Whether it answered last time; `undefined` where it was never asked. */
  #isThere: boolean | undefined;
  #isGoing = false;
  readonly #awaitedUntil: number;

  constructor(needs: PeerLaneNeeds) {
    this.#needs = needs;
    this.#awaitedUntil = needs.clock.monotonic() + PATIENCE_MS;
  }

  /** Calls that it has or is to have. */
  get size(): number {
    return this.#toGive.size + this.#given.size;
  }
  /** Whether it answered last time. */
  get isThere(): boolean {
    return this.#isThere === true;
  }
  /** Whether it may yet turn out to be there. */
  get isAwaited(): boolean {
    return this.#isThere === undefined && this.#needs.clock.monotonic() < this.#awaitedUntil;
  }

  /** A call is for this peer, which may have it already. */
  add(task: Task, mayBeThere: boolean): void {
    const { id } = task.spec;
    if (this.#toGive.has(id)) return;
    this.#toGive.set(id, task);
    if (mayBeThere) this.#sent.add(id);
    this.wake();
  }

  /** It is for another. */
  forget(id: string): void {
    this.#toGive.delete(id);
    this.#sent.delete(id);
    this.#cancelled.delete(id);
  }

  /** A call is over here: what the peer still has of it is withdrawn. */
  ended({ spec: { id }, state }: Task): void {
    const isCancelled = state === "cancelled";
    // One that may be there is given once more: its receipt tells by which id to withdraw it.
    if (isCancelled && this.#sent.has(id)) this.#cancelled.add(id);
    else this.forget(id);
    const [remote] = [...this.#given].find(([, { spec }]) => spec.id === id) ?? [];
    if (remote === undefined) return;
    this.#given.delete(remote);
    if (isCancelled) this.#toWithdraw.add(remote);
    this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    if (!this.#turn.signal.aborted) this.#turn.abort();
    if (this.#isGoing || this.#closed.signal.aborted) return;
    this.#isGoing = true;
    void this.#go();
  }

  close(): void {
    this.#closed.abort();
  }

  get #hasWork(): boolean {
    return this.size > 0 || this.#toWithdraw.size > 0 || this.#needs.isWanted();
  }

  async #go(): Promise<void> {
    const { clock, random, trouble, peer, giveUp } = this.#needs;
    const { signal } = this.#closed;
    for (let failures = 0; this.#hasWork && !signal.aborted; ) {
      try {
        await this.#step(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        this.#isThere = false;
        trouble(`giving calls to ${peer}`, error);
        const unsent = [...this.#toGive.keys()].filter((id) => !this.#sent.has(id));
        await giveUp(unsent).catch((cause: unknown) => trouble("placing calls anew", cause));
        this.#needs.changed();
        await clock.sleep(backoffMs(failures, { ...RETRY, random }), signal).catch(() => undefined);
      }
    }
    this.#isGoing = false;
  }

  /** One thing that is to be done; where there is none, wait for the next. */
  async #step(signal: AbortSignal): Promise<void> {
    const { remote, changed, clock } = this.#needs;
    this.#turn = new AbortController();
    await remote.reach(signal);
    this.#isThere = true;
    changed();
    const batch = batchOf(this.#toGive.values());
    if (this.#toWithdraw.size > 0) await this.#withdraw(signal);
    else if (batch.length > 0) await this.#give(batch, signal);
    else {
      const turn = AbortSignal.any([signal, this.#turn.signal]);
      const waited = this.#given.size > 0 ? this.#ask(turn) : clock.sleep(WAIT_MS, turn);
      await waited.catch((error: unknown) => {
        if (!turn.aborted) throw error;
      });
    }
  }

  async #give(batch: readonly Task[], signal: AbortSignal): Promise<void> {
    const { remote, peer, queue, self } = this.#needs;
    const from = { owner: self(), queue: queue.name, head: queue.meta.head };
    for (const { spec } of batch) this.#sent.add(spec.id);
    const receipts = await remote.give(
      batch.map((task) => givenOf(task, from)),
      signal,
    );
    const byKey = new Map(receipts.map((receipt) => [receipt.key, receipt]));
    const later: string[] = [];
    for (const task of batch) {
      const receipt = byKey.get(keyOf(task, from));
      if (!receipt) later.push(`it said nothing of ${task.spec.id}`);
      else if ("taskId" in receipt) this.#accepted(task, receipt.taskId);
      else if (receipt.isRetryable) {
        this.#sent.delete(task.spec.id);
        later.push(receipt.error.message);
      } else await this.#refused(task, receipt.error);
    }
    const [why] = later;
    if (why === undefined) return;
    throw new UnavailableError("peer_unreachable", `${peer} does not take calls now: ${why}`);
  }

  #accepted(task: Task, remoteId: string): void {
    const { id } = task.spec;
    if (this.#cancelled.has(id)) this.#toWithdraw.add(remoteId);
    else this.#given.set(remoteId, task);
    this.forget(id);
  }

  async #refused({ spec: { id } }: Task, error: TaskError): Promise<void> {
    const { queue, peer } = this.#needs;
    this.forget(id);
    const message = `${peer} does not take the call: ${error.message}`;
    await queue.run((set) => refuse(set, id, { ...error, message }), { ids: [id] });
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { remote, changed } = this.#needs;
    const ids = [...this.#given.keys()].slice(0, MAX_ASKED);
    const outcomes = await remote.outcomes(ids, WAIT_MS, signal);
    await Promise.all(outcomes.map((outcome) => this.#settle(outcome)));
    if (outcomes.length > 0) changed();
  }

  async #settle(outcome: GivenOutcome): Promise<void> {
    const task = this.#given.get(outcome.taskId);
    if (!task) return;
    const { id } = task.spec;
    if (outcome.state === "lost") {
      // It is given again, under the same key.
      this.#given.delete(outcome.taskId);
      this.#toGive.set(id, task);
      return;
    }
    await this.#needs.queue.run((set) => settle(set, id, outcome), { ids: [id] });
    this.#given.delete(outcome.taskId);
  }

  async #withdraw(signal: AbortSignal): Promise<void> {
    const ids = [...this.#toWithdraw].slice(0, MAX_ASKED);
    await this.#needs.remote.withdraw(ids, "the workflow was cancelled", signal);
    for (const id of ids) this.#toWithdraw.delete(id);
  }
}
