/** What the server knows of its own work. @module */

import type { Tool } from "../../src/tool.ts";
import { monitoringHealth } from "./health.ts";
import { monitoringMetrics } from "./metrics.ts";
import { monitoringRuntimes } from "./runtimes.ts";
import { monitoringUpstreams } from "./upstreams.ts";

/** The tools of the category `monitoring`. */
export const tools: readonly Tool[] = [
  monitoringHealth,
  monitoringMetrics,
  monitoringRuntimes,
  monitoringUpstreams,
];
