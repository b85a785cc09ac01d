/** What a member works with. @module */

import type { Clock } from "../../concurrency/clock.ts";
import type { KeyedMutex } from "../../concurrency/keyed-mutex.ts";
import type { Queue } from "../../queue/queue.ts";
import type { TaskSpec } from "../../queue/task.ts";
import type { Caller } from "../../registry/caller.ts";
import type { Plans } from "../plans.ts";
import type { MemberCalls } from "./member-calls.ts";
import type { ReplicaBook } from "./replica-book.ts";
import type { Replicator } from "./replicator.ts";

/** Of one queue. */
export interface MemberNeeds {
  readonly queue: Queue;
  readonly plans: Plans;
  readonly book: ReplicaBook;
  readonly replicator: Pick<Replicator, "leave" | "forget">;
  readonly clock: Clock;
  readonly self: () => string;
  readonly calls: (member: string) => MemberCalls;
  /** A value that is kept beside a task, by its CID. */
  readonly blob: (cid: string) => Promise<unknown>;
  /** What a peer may do here, as a caller that is stored. */
  readonly grantOf: (peer: string) => TaskSpec["caller"];
  /** What happens to one run here happens one after the other. */
  readonly mutex: KeyedMutex;
  readonly trouble: (what: string, error: unknown) => void;
  /** Throws where the caller may not use a tool. */
  readonly checkTool: (tool: string, caller: Caller) => Promise<void>;
}
