/** Changes to the running server; every tool here needs the ability `admin`. @module */

import type { Tool } from "../../src/tool.ts";
import { adminConfig } from "./config.ts";
import { adminReload } from "./reload.ts";
import { adminUpstreamApprove } from "./upstream-approve.ts";
import { adminUpstreamStart } from "./upstream-start.ts";
import { adminUpstreamStatus } from "./upstream-status.ts";
import { adminUpstreamStop } from "./upstream-stop.ts";

/** The tools of the category `admin`. */
export const tools: readonly Tool[] = [
  adminConfig,
  adminReload,
  adminUpstreamStart,
  adminUpstreamStop,
  adminUpstreamStatus,
  adminUpstreamApprove,
];
