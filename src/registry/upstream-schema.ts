/** The state of a mounted server, as tools of several categories show it. @module */

import * as v from "valibot";
import type { UpstreamStatus } from "./context.ts";

/** Checks and describes an {@link UpstreamStatus}. */
export const upstreamStatusSchema: v.GenericSchema<UpstreamStatus> = v.object({
  name: v.string(),
  transport: v.picklist(["stdio", "http"]),
  state: v.picklist(["idle", "starting", "ready", "backoff", "failed", "stopped", "disabled"]),
  era: v.exactOptional(v.picklist(["modern", "legacy"])),
  server: v.exactOptional(v.pipe(v.string(), v.description("How the server calls itself"))),
  tools: v.number(),
  pid: v.exactOptional(v.number()),
  restarts: v.number(),
  calls: v.number(),
  failures: v.number(),
  error: v.exactOptional(v.pipe(v.string(), v.description("Why it is not ready"))),
  consentUrl: v.exactOptional(
    v.pipe(v.string(), v.description("Where a person is to allow its use, in a browser")),
  ),
  warnings: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description("What a person should look at, such as changed tools"),
    ),
  ),
  since: v.pipe(v.string(), v.description("When it came into this state")),
});
