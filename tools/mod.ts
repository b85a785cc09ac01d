/** The catalog: every built-in category, its tools by name, and where to load them from. @module */

import type { Category } from "../src/tool.ts";

type Loader = () => Promise<{ readonly tools: readonly import("../src/tool.ts").Tool[] }>;

function category(
  name: string,
  title: string,
  description: string,
  tools: string,
  load: Loader,
  more: Partial<Pick<Category, "runtime" | "aliases">> = {},
): Category {
  return {
    name,
    title,
    description,
    source: "builtin",
    runtime: "local",
    toolNames: tools.split(" ").map((tool) => `${name}_${tool}`),
    load: async () => (await load()).tools,
    ...more,
  };
}

/** What the Python ancestor called them. */
const peerAliases = {
  discover_peers: "p2p_peer_discover",
  connect_to_peer: "p2p_peer_connect",
  disconnect_peer: "p2p_peer_disconnect",
  list_connected_peers: "p2p_peer_list_connected",
  bootstrap_network: "p2p_peer_bootstrap",
  get_peer_metrics: "p2p_peer_metrics",
} as const;

const workflowAliases = {
  submit_workflow: "p2p_workflow_submit",
  get_workflow_status: "p2p_workflow_status",
  cancel_workflow: "p2p_workflow_cancel",
  list_workflows: "p2p_workflow_list",
  get_workflow_result: "p2p_workflow_get_result",
  reschedule_workflow: "p2p_workflow_reschedule",
} as const;

/** The built-in categories; each is imported on first use. */
export const catalog: readonly Category[] = [
  category(
    "dataset",
    "Datasets",
    "Load, convert and query tables in JSON, NDJSON, CSV and Parquet files",
    "load save convert describe filter sort aggregate join",
    () => import("./dataset/mod.ts"),
  ),
  category(
    "cache",
    "Cache",
    "Keep JSON values for later, bounded in size and time",
    "get set delete list stats",
    () => import("./cache/mod.ts"),
  ),
  category(
    "monitoring",
    "Monitoring",
    "Health, metrics, and statistics of runtimes and mounted servers",
    "health metrics runtimes upstreams",
    () => import("./monitoring/mod.ts"),
  ),
  category(
    "admin",
    "Administration",
    "Configuration with origins, reload, start, stop and trust of mounted servers",
    "config reload upstream_start upstream_stop upstream_status upstream_approve",
    () => import("./admin/mod.ts"),
  ),
  category(
    "p2p_peer",
    "Peers",
    "Find, connect and measure other servers and pages",
    "register discover bootstrap cleanup get_public_ip list connect disconnect list_connected metrics",
    () => import("./peer/mod.ts"),
    { runtime: "mesh", aliases: peerAliases },
  ),
  category(
    "p2p_bootstrap",
    "Bootstrap",
    "Addresses by which a server first finds the mesh",
    "from_file from_env from_public list",
    () => import("./bootstrap/mod.ts"),
    { runtime: "mesh" },
  ),
  category(
    "p2p_taskqueue",
    "Task queue",
    "Durable tasks that any peer of the mesh may work",
    "status submit cancel get_result list_tasks update_task task_status resubmit priority " +
      "worker_stats discover_peers announce heartbeat shutdown",
    () => import("./taskqueue/mod.ts"),
  ),
  category(
    "p2p_workflow",
    "Workflows",
    "Graphs of tool calls that survive crashes",
    "submit status cancel list get_dag coordinate get_result reschedule",
    () => import("./workflow/mod.ts"),
    { aliases: workflowAliases },
  ),
];
