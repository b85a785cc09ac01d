/**
 * The QueueStore contract: one queue's rows, changed in transactions, each of which is durable
 * when it resolves.
 *
 * What tasks mean is decided once, in `working-set.ts` and `commands/`; a store keeps rows and finds
 * them by the few orders named here. `tests/contract/queue-store.ts` is the suite that all pass.
 *
 * @module
 */

import type { Digest } from "../ipld/block.ts";
import type { GroupRate, Task, TaskState, Token } from "./task.ts";

/** Tasks by state; scheduled, ready and leased ones are the backlog. */
export type Counters = Readonly<Record<TaskState, number>>;

/** Claimable tasks that the same workers can do. */
export interface Lane {
  /** `laneOf` of its tasks. */
  readonly name: string;
  readonly claimable: number;
}

/** What a queue knows of itself. */
export interface QueueMeta {
  readonly queue: string;
  /** Raised by each owner that opens it. */
  readonly epoch: number;
  /** Number of the next task. */
  readonly nextSeq: number;
  /** Number of the next event. */
  readonly nextEvent: number;
  /** Fairness: the virtual time of the last claim. */
  readonly virtualTime: number;
  /** Fairness: where tasks without a group will have had their turn. */
  readonly finish: number;
  readonly counters: Counters;
  readonly lanes: Readonly<Record<string, number>>;
  /** CID of the header of the last commit, and its number. */
  readonly head?: string;
  readonly commits: number;
}

/** What is known of tasks that share a group key. */
export interface GroupState {
  readonly key: string;
  /** Fairness: the virtual time at which its last task will have had its turn. */
  readonly finish: number;
  /** Its tasks that may be claimed. */
  readonly claimable: number;
  readonly leased: number;
  /** Its tasks that wait for the group's limits. */
  readonly held: number;
  readonly limit?: number;
  readonly rate?: GroupRate;
  /** Rate: when the next may start, were they evenly spread (GCRA, ITU-T I.371). */
  readonly arrival: number;
}

/** Reads within a transaction, which see what was committed before it. Synchronous. */
export interface QueueReader {
  meta(): QueueMeta;
  task(id: string): Task | undefined;
  /** The task that was submitted under this key and is still known. */
  byKey(idempotencyKey: string): Task | undefined;
  group(key: string): GroupState | undefined;
  /** Tasks of a lane that may be claimed: by priority, tag and number. */
  claimable(lane: string, limit: number): readonly Task[];
  /** Held tasks of a group, in the same order. */
  held(group: string, limit: number): readonly Task[];
  /** Scheduled tasks whose time has come, earliest first. */
  due(now: number, limit: number): readonly Task[];
  /** Groups with held tasks that their rate lets through by now. */
  dueGroups(now: number, limit: number): readonly GroupState[];
}

/** One commit of the log: the header, and the blocks that it binds. */
export interface LogEntry {
  /** Number of its first event. */
  readonly first: number;
  readonly last: number;
  readonly cid: string;
  readonly header: Uint8Array;
  /** dag-cbor of each event. */
  readonly events: readonly Uint8Array[];
}

/** A large result. */
export interface Blob {
  readonly task: string;
  readonly cid: string;
  readonly bytes: Uint8Array;
}

/** What a transaction changes. */
export interface Changes {
  readonly meta: QueueMeta;
  /** Whole tasks; those whose id is among `inserted` are new. */
  readonly tasks: readonly Task[];
  readonly inserted: ReadonlySet<string>;
  /** Ids of tasks to forget. */
  readonly removed: readonly string[];
  /** Those without any task are to be forgotten. */
  readonly groups: readonly GroupState[];
  readonly log: LogEntry | undefined;
  /** Results that are too large for their task's row; they go with it. */
  readonly blobs: readonly Blob[];
}

/** What to read before `work` runs, for stores where a read is a round trip; a hint only. */
export interface ReadHints {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
  readonly groups: readonly string[];
  readonly lanes: readonly { readonly name: string; readonly limit: number }[];
}

/** The work of one transaction; it may be run again, so it does nothing but read and answer. */
export type QueueWork<T> = (reader: QueueReader) => {
  readonly answer: T;
  /** Left out, there is nothing to write. */
  readonly changes?: Changes;
};

/** Which tasks to list, newest first. */
export interface TaskQuery {
  readonly queue: string;
  readonly states?: readonly TaskState[];
  readonly kind?: string;
  /** `name` or `name=value`. */
  readonly label?: string;
  readonly groupKey?: string;
  /** Submitted by this caller. */
  readonly caller?: string;
  /** Submitted at or after. */
  readonly since?: number;
  /** Only tasks with a smaller number. */
  readonly before?: number;
  readonly limit: number;
}

/** How a store is doing. */
export interface StoreFacts {
  /** `memory`, or what makes a commit durable: `sqlite: WAL, synchronous=FULL`. */
  readonly durability: string;
  readonly sizeBytes?: number;
  /** How long the last commit took, in ms. */
  readonly lastCommitMs?: number;
}

/** A lease, and the server that times it. */
export interface KeptLease {
  readonly id: string;
  readonly token: Token;
  readonly keeper?: string;
}

/** Who times which leases, where several servers share a queue; see `keepers.ts`. */
export interface KeeperTable {
  /** Raise a keeper's counter; answers with the counters of the others. */
  beat(queue: string, keeper: string): Promise<ReadonlyMap<string, number>>;
  /** Leases whose keeper has no counter. */
  orphans(queue: string, limit: number): Promise<readonly KeptLease[]>;
  /** The keeper times nothing any more: its counter is gone. */
  leave(queue: string, keeper: string): Promise<void>;
}

/** Where queues are kept. */
export interface QueueStore {
  /** Other processes write it, too. */
  readonly isShared: boolean;
  /** SHA2-256 as its host computes it; left out, the portable one is used. */
  readonly digest?: Digest;
  /** Stores that are shared have it. */
  readonly keepers?: KeeperTable;
  /** One at a time for each queue; rejects, with nothing changed, where the commit fails. */
  transact<T>(queue: string, hints: ReadHints, work: QueueWork<T>): Promise<T>;
  queues(): Promise<readonly string[]>;
  task(id: string): Promise<Task | undefined>;
  list(query: TaskQuery): Promise<readonly Task[]>;
  /** Tasks that are leased. */
  leased(queue: string): Promise<readonly Task[]>;
  /** The earliest moment at which a scheduled task or a held group is due. */
  nextDue(queue: string): Promise<number | undefined>;
  /** How many claimable tasks come before this one; counted up to `limit`. */
  ahead(task: Task, limit: number): Promise<number>;
  /** Final tasks whose time to be kept is over. */
  expired(queue: string, now: number, limit: number): Promise<readonly string[]>;
  /** Commits with at least one event in the range, in order. */
  log(
    queue: string,
    range: { readonly from: number; readonly to: number },
  ): Promise<readonly LogEntry[]>;
  blob(cid: string): Promise<Uint8Array | undefined>;
  facts(): Promise<StoreFacts>;
  /** Tell other processes of this user where to ask, for stores that one process holds. */
  announce?(about: { readonly address: string; readonly token: string }): void;
  /** Another process changed a queue: a hint, for stores that have it; returns the stop function. */
  subscribe?(changed: (queue: string) => void): () => void;
  close(): Promise<void>;
}

/** A queue that nobody has used. */
export function emptyMeta(queue: string): QueueMeta {
  return {
    queue,
    epoch: 0,
    nextSeq: 1,
    nextEvent: 1,
    virtualTime: 0,
    finish: 0,
    counters: { scheduled: 0, ready: 0, leased: 0, done: 0, failed: 0, cancelled: 0, dead: 0 },
    lanes: {},
    commits: 0,
  };
}
