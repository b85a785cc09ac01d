/** The mesh, queue and workflow categories until their tools are there. @module */

import { type Category, createPlannedCategory } from "../src/tool.ts";

const REASON = "this version has no mesh yet; every local and mounted tool works without it";

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
  createPlannedCategory({
    name: "p2p_peer",
    title: "Peers",
    description: "Find, connect and measure other servers and pages",
    reason: REASON,
    toolNames: named(
      "p2p_peer",
      "register discover bootstrap cleanup get_public_ip list connect disconnect list_connected metrics",
    ),
  }),
  createPlannedCategory({
    name: "p2p_bootstrap",
    title: "Bootstrap",
    description: "Addresses by which a server first finds the mesh",
    reason: REASON,
    toolNames: named("p2p_bootstrap", "from_file from_env from_public list"),
  }),
];
