/** What the tools of workflows take, and where a call of one is answered. @module */

import * as v from "valibot";
import { whole, words } from "../../src/tool.ts";

export { labelsSchema, placeEntries, whole, words } from "../../src/tool.ts";

/** Where a run is in its life. */
export const STATES = ["running", "paused", "ending", "done", "failed", "cancelled"] as const;

/** A run in one of these may yet come to another. */
export const UNDER_WAY: ReadonlySet<unknown> = new Set(["running", "paused", "ending"]);

const MAX_WAIT_MS = 60_000;

/** Longer than the longest wait. */
export const WAIT_TIMEOUT_MS: number = MAX_WAIT_MS + 15_000;

/** A run's id. */
export const workflowIdSchema: v.GenericSchema<string> = words(
  128,
  "Id of the run, as p2p_workflow_submit gave it",
);

/** How long to wait for a run to be over. */
export const waitMsSchema: v.OptionalSchema<v.GenericSchema<number>, 0> = v.optional(
  whole(0, MAX_WAIT_MS, "How long to wait for the end, in ms"),
  0,
);
