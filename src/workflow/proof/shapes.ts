/** The blocks of a proof, as far as they matter to it; what is none of these is a fault of the file. @module */

import { CID } from "multiformats/cid";
import * as v from "valibot";
import type { LogHeader } from "../../queue/log-draft.ts";
import type { Citation } from "../../queue/task.ts";
import type { ProofRoot } from "../record/proof-root.ts";

const link: v.GenericSchema<unknown, CID> = v.pipe(
  v.unknown(),
  v.transform((value) => CID.asCID(value)),
  v.instance(CID),
);
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The root of the file. */
export const RootSchema: v.GenericSchema<unknown, ProofRoot> = v.object({
  workflowId: v.string(),
  definition: link,
  heads: v.array(v.object({ owner: v.string(), queue: v.string(), head: link, tail: link })),
  missing: v.array(v.object({ owner: v.string(), queue: v.string(), why: v.string() })),
});

/** A header. */
export const HeaderSchema: v.GenericSchema<unknown, LogHeader> = v.object({
  queue: v.string(),
  epoch: number,
  first: number,
  last: number,
  at: v.number(),
  events: link,
  previous: v.nullable(link),
});

/** The events of a commit. */
export const ListSchema: v.GenericSchema<unknown, readonly CID[]> = v.array(link);

const CitationsSchema: v.GenericSchema<unknown, readonly Citation[]> = v.array(
  v.object({
    owner: v.string(),
    queue: v.string(),
    commit: v.pipe(
      link,
      v.transform((cid) => cid.toString()),
    ),
  }),
);

/** An event, as far as it says what follows from what. */
export interface ProvenEvent {
  readonly number: number;
  readonly task: string;
  readonly type: string;
  readonly kind?: string;
  /** Of a task that was given: the key, which names the giver's own task. */
  readonly idempotencyKey?: string;
  /** Of a task of a workflow: its place. */
  readonly flow?: { readonly run: string; readonly node: string; readonly role: string };
  readonly peer?: string;
  readonly cites?: readonly Citation[];
  readonly elsewhere?: { readonly cites: readonly Citation[] };
  /** Of what was adopted: from whom, and what had become of it. */
  readonly from?: string;
  readonly state?: string;
}

/** Checks a {@link ProvenEvent}. */
export const EventSchema: v.GenericSchema<unknown, ProvenEvent> = v.object({
  number,
  task: v.string(),
  type: v.string(),
  kind: v.exactOptional(v.string()),
  idempotencyKey: v.exactOptional(v.string()),
  flow: v.exactOptional(v.object({ run: v.string(), node: v.string(), role: v.string() })),
  peer: v.exactOptional(v.string()),
  cites: v.exactOptional(CitationsSchema),
  elsewhere: v.exactOptional(v.object({ cites: CitationsSchema })),
  from: v.exactOptional(v.string()),
  state: v.exactOptional(v.string()),
});
