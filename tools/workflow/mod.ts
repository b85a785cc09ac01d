/** Category `p2p_workflow`: graphs of tool calls that survive crashes. @module */

import type { Tool } from "../../src/tool.ts";
import { workflowCancel } from "./cancel.ts";
import { workflowCoordinate } from "./coordinate.ts";
import { workflowGetDag } from "./get-dag.ts";
import { workflowGetResult } from "./get-result.ts";
import { workflowList } from "./list.ts";
import { workflowReschedule } from "./reschedule.ts";
import { workflowStatus } from "./status.ts";
import { workflowSubmit } from "./submit.ts";

/** The tools of the category `p2p_workflow`. */
export const tools: readonly Tool[] = [
  workflowSubmit,
  workflowStatus,
  workflowCancel,
  workflowList,
  workflowGetDag,
  workflowCoordinate,
  workflowGetResult,
  workflowReschedule,
];
