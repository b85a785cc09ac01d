/** What an error means for the next attempt. @module */

import { MeshError } from "../errors.ts";

/** Whether another attempt may do better, and when. */
export function failureOf(error: unknown): {
  readonly isRetryable: boolean;
  readonly retryAfterMs?: number;
} {
  if (!(error instanceof MeshError)) return { isRetryable: true };
  const { retryAfterMs } = error.data;
  // A tool that failed may not fail again; what is wrong with the request will be wrong for ever.
  const isRetryable = error.retryable || error.code === "tool_failed";
  return { isRetryable, ...(typeof retryAfterMs === "number" && { retryAfterMs }) };
}
