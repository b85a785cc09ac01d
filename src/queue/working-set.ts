/**
 * One transaction on a queue: reads see what it changed before, and nothing is stored until the end.
 *
 * Every change of a task goes through {@link WorkingSet.record}, which keeps what depends on it:
 * counters, lanes, turns, and the log.
 *
 * @module
 */

import { ConflictError } from "../errors.ts";
import type { Digest } from "../ipld/block.ts";
import type { Follow, Follower } from "./follower.ts";
import { LogDraft } from "./log-draft.ts";
import { next } from "./next.ts";
import type { Pool } from "./pool.ts";
import { Pools } from "./pools.ts";
import type { Changes, GroupState, QueueMeta, QueueReader } from "./queue-store.ts";
import { Tally } from "./tally.ts";
import { isFinal, type Task, type TaskSpec } from "./task.ts";
import type { TaskEvent } from "./task-event.ts";
import { type Turn, Turns } from "./turns.ts";

/** What a new task is made of. */
export interface NewTask {
  readonly spec: TaskSpec;
  readonly priority: number;
  readonly runAt: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** The draft of one transaction. */
export class WorkingSet {
  readonly now: number;
  readonly #reader: QueueReader;
  readonly #before: QueueMeta;
  readonly #tally: Tally;
  #epoch: number;
  #nextSeq: number;
  readonly #turns: Turns;
  readonly #log: LogDraft;
  readonly #tasks = new Map<string, Task>();
  readonly #keys = new Map<string, Task>();
  readonly #inserted = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #pools: Pools;
  readonly #blobs: Changes["blobs"][number][] = [];
  /** Tasks of workflows that something happened to. */
  #followed = new Set<string>();
  /** Present where workflows are. */
  readonly follower: Follower | undefined;

  constructor(reader: QueueReader, now: number, digest?: Digest, follow?: Follow) {
    this.#reader = reader;
    this.#pools = new Pools(reader, this.#tasks);
    this.now = now;
    const meta = reader.meta();
    this.#before = meta;
    this.#tally = new Tally(meta);
    this.#epoch = meta.epoch;
    this.#nextSeq = meta.nextSeq;
    this.#turns = new Turns(reader, now);
    this.#log = new LogDraft(meta.nextEvent, now, digest);
    this.follower = follow?.(this);
  }

  get queue(): string {
    return this.#before.queue;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Number of the last event that was committed, and CID of the header of its commit. */
  get lastEvent(): number {
    return this.#before.nextEvent - 1;
  }
  get head(): string | undefined {
    return this.#before.head;
  }

  /** Tasks of workflows that something happened to since this was asked last. */
  takeFollowed(): ReadonlySet<string> {
    const followed = this.#followed;
    this.#followed = new Set();
    return followed;
  }

  /** Tasks that are not over. */
  get backlog(): number {
    return this.#tally.backlog;
  }

  /** Claimable tasks by lane. */
  get lanes(): Readonly<Record<string, number>> {
    return this.#tally.lanes;
  }

  task(id: string): Task | undefined {
    return this.#tasks.get(id) ?? (this.#removed.has(id) ? undefined : this.#reader.task(id));
  }

  byKey(key: string): Task | undefined {
    const found = this.#keys.get(key) ?? this.#reader.byKey(key);
    return found && this.task(found.spec.id);
  }

  due(limit: number): readonly Task[] {
    return this.#reader
      .due(this.now, limit)
      .flatMap(({ spec }) => this.task(spec.id) ?? [])
      .filter(({ state }) => state === "scheduled");
  }

  dueGroups(limit: number): readonly GroupState[] {
    return this.#reader.dueGroups(this.now, limit).map(({ key }) => this.#turns.group(key));
  }

  /** A new epoch: tokens of the ones before are outranked. */
  raiseEpoch(): number {
    this.#epoch += 1;
    return this.#epoch;
  }

  /** Throws `duplicate_task` for an id that this transaction forgot: a store would lose one of the two. */
  add({ spec, priority, runAt, labels }: NewTask): Task {
    if (this.#removed.has(spec.id)) {
      const message = `Task ${spec.id} is being forgotten at this moment: submit it again`;
      throw new ConflictError("duplicate_task", message, { data: { taskId: spec.id } });
    }
    const task: Task = {
      spec,
      ...{ priority, runAt, labels, seq: this.#nextSeq, tag: 0, isHeld: false },
      ...{ state: "scheduled", attempts: 0, stalls: 0, token: { epoch: this.#epoch, attempt: 0 } },
      ...{ log: [], events: [], updatedAt: this.now },
    };
    this.#nextSeq += 1;
    this.#inserted.add(spec.id);
    this.#tally.added(task);
    this.#turns.limit(spec);
    return this.record(task, { type: "submitted" });
  }

  /** Let something happen to a task. */
  record(before: Task, event: TaskEvent): Task {
    const number = this.#log.add(before.spec, event);
    const after = next(before, event, this.now);
    const events = isFrequent(event) ? after.events : [...after.events, number];
    const isEnd = isFinal(after) && !isFinal(before);
    const ended = isEnd && { endedBy: number };
    const placed = { ...after, ...this.#turnOf(before, after, event), events, ...ended };
    this.#tally.changed(before, placed);
    this.#put(placed);
    const { id, groupKey, flow } = placed.spec;
    if (groupKey !== undefined) this.promote(groupKey);
    const isFollowed = flow !== undefined || placed.flow !== undefined;
    if (isFollowed) this.#followed.add(id);
    if (isFollowed && isEnd && event.type !== "adopted") this.follower?.settled(placed);
    return this.#tasks.get(id) ?? placed;
  }

  /** Keep a result beside its task. */
  keep(task: string, cid: string, bytes: Uint8Array): void {
    this.#blobs.push({ task, cid, bytes });
  }

  /** Forget a task that is over. */
  remove(task: Task): void {
    const { id } = task.spec;
    this.#tally.removed(task);
    this.#tasks.delete(id);
    this.#removed.add(id);
    if (task.flow !== undefined) this.follower?.removed(task);
  }

  /** Let held tasks of a group come forward, as far as its limits allow. */
  promote(key: string): void {
    while (this.#turns.canPromote(key)) {
      const task = this.#pools.heldOf(key).first();
      if (!task) return;
      this.#turns.promote(key);
      const promoted = { ...task, isHeld: false };
      this.#tally.changed(task, promoted);
      this.#put(promoted);
    }
  }

  /** Claimable tasks of a lane, in their order. */
  pool(lane: string): Pool {
    return this.#pools.lane(lane);
  }

  /** What is to be stored; `undefined` where nothing changed. */
  changes(): Changes | undefined {
    const before = this.#before;
    const touched = this.#tasks.size + this.#removed.size;
    if (touched === 0 && this.#epoch === before.epoch) return undefined;
    const epoch = this.#epoch;
    const log = this.#log.seal({ ...before, epoch });
    const { virtualTime, finish } = this.#turns;
    return {
      meta: {
        ...before,
        ...{ epoch, nextSeq: this.#nextSeq, virtualTime, finish },
        ...{ counters: this.#tally.counters, lanes: this.#tally.lanes },
        ...(log && { head: log.cid, commits: before.commits + 1, nextEvent: log.last + 1 }),
      },
      tasks: [...this.#tasks.values()],
      inserted: this.#inserted,
      removed: [...this.#removed],
      groups: this.#turns.groups,
      log,
      blobs: this.#blobs,
    };
  }

  #put(task: Task): void {
    this.#tasks.set(task.spec.id, task);
    const { idempotencyKey } = task.spec;
    if (idempotencyKey !== undefined) this.#keys.set(idempotencyKey, task);
    this.#pools.put(task);
  }

  /** A task that becomes ready gets its turn; one that stops being ready gives it up. */
  #turnOf(before: Task, after: Task, event: TaskEvent): Turn | undefined {
    if (before.state === after.state) return undefined;
    if (after.state === "ready") {
      // What a worker gave back is first again.
      return this.#turns.enter(before, event.type === "returned" ? after.tag : undefined);
    }
    if (after.state === "leased") this.#turns.start(before);
    else this.#turns.leave(before);
    return undefined;
  }
}

/** Events of which a task may have any number, so that it does not keep theirs. */
function isFrequent({ type }: TaskEvent): boolean {
  return type === "progressed" || type === "advanced";
}
