/**
 * A run as others have it: what its coordinator last told, or what it is handed over as.
 *
 * Everything here is JSON: it goes over the wire and into stores.
 *
 * @module
 */

import { blockOf } from "../../ipld/block.ts";
import type { Task } from "../../queue/task.ts";

/** Who a run is coordinated by, and which state of it this is. */
export interface ReplicaHead {
  /** Id of the run. */
  readonly run: string;
  readonly queue: string;
  /** Grows with each coordinator: what an earlier one says counts no more. */
  readonly epoch: number;
  /** Events in the log of its coordinator: a larger one is later, within an epoch. */
  readonly version: number;
  readonly coordinator: string;
  /** Ids of all that take part, its coordinators among them. */
  readonly members: readonly string[];
  /** CID of the last header of that log. */
  readonly head?: string;
  /** When it was so, on the coordinator's clock. */
  readonly at: number;
}

/** A run with everything that it is made of. */
export interface Replica extends ReplicaHead {
  /** The written workflows of the run and of those within. */
  readonly definitions: readonly unknown[];
  /** Its own task first. */
  readonly tasks: readonly Task[];
}

/** How many of `members` must agree. */
export function majorityOf(members: readonly string[]): number {
  return Math.floor(members.length / 2) + 1;
}

/** Order of states of one run: negative where `a` is before `b`. */
export function compareHeads(
  a: Pick<ReplicaHead, "epoch" | "version">,
  b: Pick<ReplicaHead, "epoch" | "version">,
): number {
  return a.epoch - b.epoch || a.version - b.version;
}

/** A definition by its CID, as runs name it; what is within another one has the CID of that. */
export function definitionIn(definitions: readonly unknown[], definition: string): unknown {
  const [cid] = definition.split("/");
  return definitions.find((one) => blockOf(one).cid.toString() === cid);
}
