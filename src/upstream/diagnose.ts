/** What is wrong with a mounted server, for `mcpp doctor`. @module */

import { MeshError, messageOf } from "../errors.ts";
import { redact } from "./sanitize.ts";
import type { Upstream } from "./upstream.ts";

/** What a look at a mounted server found. */
export interface Diagnosis {
  readonly healthy: boolean;
  readonly detail: string;
  /** What a person can do about it. */
  readonly hints: readonly string[];
}

/** Start it if need be, and say how that went. */
export async function diagnose(upstream: Upstream): Promise<Diagnosis> {
  if (upstream.config.disabled === true) {
    return { healthy: true, detail: "disabled", hints: [] };
  }
  try {
    await upstream.start();
  } catch (error) {
    return { healthy: false, detail: messageOf(error), hints: hintsFor(upstream, error) };
  }
  const {
    server = "a server without a name",
    era = "legacy",
    tools,
    warnings = [],
  } = upstream.status();
  return { healthy: true, detail: `${server} (${era}), ${tools} tools`, hints: warnings };
}

function hintsFor({ name, config, log }: Upstream, error: unknown): string[] {
  const code = error instanceof MeshError ? error.code : undefined;
  const hints: string[] = [];
  if (config.type === "stdio") {
    hints.push(`it is started as: ${redact([config.command, ...(config.args ?? [])].join(" "))}`);
    if (code === "upstream_unavailable") {
      hints.push(
        `what it needs of the environment must be in mcpServers.${name}.env or inheritEnv`,
      );
    }
  }
  if (error instanceof MeshError && error.data.isRefused === true) {
    hints.push("if it asks for consent (OAuth), run mcpp serve: it shows where to give it");
  }
  if (code === "deadline_exceeded") hints.push(`raise mcpServers.${name}.startTimeoutMs`);
  return [...hints, ...log.slice(-5).map((line) => `it said: ${line}`)];
}
