/** What `p2p_workflow_status` tells of the log. @module */

import * as v from "valibot";
import type { WorkflowCitation, WorkflowEvent } from "../../src/tool.ts";

const text = (description: string): v.GenericSchema<string> =>
  v.pipe(v.string(), v.description(description));

const citationSchema: v.GenericSchema<WorkflowCitation> = v.object({
  owner: v.string(),
  queue: v.string(),
  commit: v.string(),
});

/** Checks and describes a {@link WorkflowEvent}. */
export const eventSchema: v.GenericSchema<WorkflowEvent> = v.object({
  number: v.pipe(v.number(), v.description("Its place in the log")),
  at: v.string(),
  type: v.string(),
  node: v.exactOptional(
    text("sums, sums.3 of a map or loop, sums~undo, inner.sums; missing for the run itself"),
  ),
  taskId: v.string(),
  cid: text("CID of its dag-cbor"),
  commit: text("CID of the header of the commit that holds it"),
  cites: v.exactOptional(
    v.pipe(
      v.array(citationSchema) as v.GenericSchema<readonly WorkflowCitation[]>,
      v.description("Commits of other owners' logs that it follows from"),
    ),
  ),
  facts: v.record(v.string(), v.unknown()),
});
