/** The first block of the proof of a run: what is in the file, and what is not. @module */

import type { CID } from "multiformats/cid";

/** A part of an owner's log, from its first header to its last one. */
export interface ProvenLog<Address = CID> {
  readonly owner: string;
  readonly queue: string;
  readonly head: Address;
  readonly tail: Address;
}

/** What is known to be missing, and why. */
export interface MissingLog {
  readonly owner: string;
  readonly queue: string;
  readonly why: string;
}

/** The root of the CAR file; its CID stands for all of it. */
export interface ProofRoot<Address = CID> {
  readonly workflowId: string;
  /** The workflow's dag-cbor, which is in the file. */
  readonly definition: Address;
  /** The first is that of the queue that the run is in. */
  readonly heads: readonly ProvenLog<Address>[];
  readonly missing: readonly MissingLog[];
}
