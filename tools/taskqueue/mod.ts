/** Category `p2p_taskqueue`: durable tasks that any peer of the mesh may work. @module */

import type { Tool } from "../../src/tool.ts";
import { taskqueueAnnounce } from "./announce.ts";
import { taskqueueCancel } from "./cancel.ts";
import { taskqueueDiscoverPeers } from "./discover-peers.ts";
import { taskqueueGetResult } from "./get-result.ts";
import { taskqueueHeartbeat } from "./heartbeat.ts";
import { taskqueueListTasks } from "./list-tasks.ts";
import { taskqueuePriority } from "./priority.ts";
import { taskqueueResubmit } from "./resubmit.ts";
import { taskqueueShutdown } from "./shutdown.ts";
import { taskqueueStatus } from "./status.ts";
import { taskqueueSubmit } from "./submit.ts";
import { taskqueueTaskStatus } from "./task-status.ts";
import { taskqueueUpdateTask } from "./update-task.ts";
import { taskqueueWorkerStats } from "./worker-stats.ts";

/** The tools of the category `p2p_taskqueue`. */
export const tools: readonly Tool[] = [
  taskqueueStatus,
  taskqueueSubmit,
  taskqueueCancel,
  taskqueueGetResult,
  taskqueueListTasks,
  taskqueueUpdateTask,
  taskqueueTaskStatus,
  taskqueueResubmit,
  taskqueuePriority,
  taskqueueWorkerStats,
  taskqueueDiscoverPeers,
  taskqueueAnnounce,
  taskqueueHeartbeat,
  taskqueueShutdown,
];
