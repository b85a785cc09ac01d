/** How the extension of MCP is called by which peers take tasks and give some. @module */

/** Under which it is advertised. */
export const QUEUE_EXTENSION = "mcplusplus/queue";

/** Its methods for workers; `worker-methods.ts` answers them. */
export const WORKER_METHODS = [
  "queue/depth",
  "queue/claim",
  "queue/heartbeat",
  "queue/complete",
  "queue/fail",
  "queue/release",
  "queue/progress",
] as const;

/** Its methods for those who give tasks; `given-methods.ts` answers them. */
export const GIVEN_METHODS = [
  "queue/give",
  "queue/outcomes",
  "queue/withdraw",
  "queue/log",
] as const;
