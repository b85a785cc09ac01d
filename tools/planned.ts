/** The queue and workflow categories until their tools are there. @module */

import { type Category, createPlannedCategory } from "../src/tool.ts";

const REASON = "this version has no queue yet; every other tool works without it";

const named = (prefix: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${prefix}_${name}`);

/** Listed as unavailable; calls of their tools say why. */
export const plannedCategories: readonly Category[] = [
  createPlannedCategory({
    name: "p2p_taskqueue",
    title: "Task queue",
    description: "Durable tasks that any peer of the mesh may work",
    reason: REASON,
    toolNames: named(
      "p2p_taskqueue",
      "status submit cancel get_result list_tasks update_task task_status resubmit priority " +
        "worker_stats discover_peers announce heartbeat shutdown",
    ),
  }),
  createPlannedCategory({
    name: "p2p_workflow",
    title: "Workflows",
    description: "Graphs of tool calls that survive crashes",
    reason: REASON,
    toolNames: named(
      "p2p_workflow",
      "submit status cancel list get_dag coordinate get_result reschedule",
    ),
  }),
];
