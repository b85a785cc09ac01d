/** Running a workflow again: a tool of its own, and an action among others. @module */

import * as v from "valibot";
import type { TaskScope, WorkflowInfo, Workflows } from "../../src/tool.ts";

/** Where the new run begins. */
export const FROM: string =
  "the node from which everything runs again, or failed, the default: whatever did not end well";

/** A new run beside the one before. */
export interface RunAgain {
  /** Of the new one. */
  readonly workflowId: string;
  readonly previousWorkflowId: string;
  readonly state: WorkflowInfo["state"];
  readonly reused: string[];
}

/** Checks and describes the nodes that were taken over. */
export const reusedSchema: v.GenericSchema<string[]> = v.pipe(
  v.array(v.string()),
  v.description("Nodes that were taken over"),
);

/** A new run, without the finished nodes whose calls would be the same. */
export async function runAgain(
  workflows: Workflows,
  scope: TaskScope,
  previous: string,
  from: string | undefined,
): Promise<RunAgain> {
  const { workflow, reused } = await workflows.reschedule(scope, previous, from);
  const { workflowId, state } = workflow;
  return { workflowId, previousWorkflowId: previous, state, reused: [...reused] };
}
