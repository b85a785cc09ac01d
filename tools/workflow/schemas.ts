/** What the tools of workflows take, and where a call of one is answered. @module */

import * as v from "valibot";

export { placeEntries } from "../../src/tool.ts";

/** Where a run is in its life. */
export const STATES = ["running", "paused", "ending", "done", "failed", "cancelled"] as const;

/** A run in one of these may yet come to another. */
export const UNDER_WAY: ReadonlySet<unknown> = new Set(["running", "paused", "ending"]);

const MAX_WAIT_MS = 60_000;

/** Longer than the longest wait. */
export const WAIT_TIMEOUT_MS: number = MAX_WAIT_MS + 15_000;

/** A whole number within bounds. */
export function whole(min: number, max: number, description: string): v.GenericSchema<number> {
  return v.pipe(
    v.number(),
    v.integer(),
    v.minValue(min),
    v.maxValue(max),
    v.description(description),
  );
}

/** A text that is not empty. */
export function words(max: number, description: string): v.GenericSchema<string> {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.description(description));
}

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

/** Names and values for lists; `=` would end a name there. */
export const labelsSchema: v.GenericSchema<Record<string, string>> = v.pipe(
  v.record(
    v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[^=]+$/)),
    v.pipe(v.string(), v.maxLength(256)),
  ),
  v.maxEntries(32),
);
