/** How the extension of MCP is called by which workers elsewhere take tasks. @module */

/** Under which it is advertised. */
export const WORKER_EXTENSION = "mcplusplus/queue";

/** Its methods; `worker-methods.ts` answers them. */
export const WORKER_METHODS = [
  "queue/depth",
  "queue/claim",
  "queue/heartbeat",
  "queue/complete",
  "queue/fail",
  "queue/release",
  "queue/progress",
] as const;
