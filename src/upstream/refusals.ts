/** Why a mounted server does not run, in sentences with a way out. @module */

import { UnavailableError } from "../errors.ts";
import type { UpstreamStatus } from "../registry/context.ts";

/** It is not to run. */
export function refusal(
  name: string,
  state: UpstreamStatus["state"],
  what: string,
): UnavailableError {
  const wayOut =
    state === "disabled"
      ? `remove "disabled" from mcpServers.${name}`
      : "start it with admin_upstream_start";
  return new UnavailableError("upstream_unavailable", `"${name}" ${what}; ${wayOut}`, {
    data: { upstream: name },
  });
}

/** It is mounted no more, or by another configuration. */
export function unmounted(name: string): UnavailableError {
  return new UnavailableError("upstream_unavailable", `"${name}" is no longer mounted`, {
    data: { upstream: name },
  });
}

/** It failed too often, and is left alone for a while. */
export function resting(
  name: string,
  retryAfterMs: number,
  cause: Error | undefined,
): UnavailableError {
  const why = cause ? `: ${cause.message}` : "";
  return new UnavailableError(
    "circuit_open",
    `"${name}" failed and rests for ${Math.ceil(retryAfterMs / 1000)} s${why}`,
    { cause, data: { upstream: name, retryAfterMs } },
  );
}
