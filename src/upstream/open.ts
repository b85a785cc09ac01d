/**
 * From a server's configuration to a live connection: start the program or prepare the address,
 * then connect, and say in one sentence what went wrong if that fails.
 *
 * @module
 */

import type { PriorDiscovery } from "@modelcontextprotocol/client";
import type { Clock } from "../concurrency/clock.ts";
import type { McpServerConfig, StdioServerConfig } from "../config/mcp-servers.ts";
import { InputError, MeshError, messageOf, UnavailableError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Connection, type ConnectOptions, connect } from "./connection.ts";
import { childEnvironment } from "./expand.ts";
import type { OAuth } from "./oauth.ts";
import { consentMissing, reachAddress, type Wire } from "./reach.ts";
import { createStdioTransport, type StdioTransport } from "./stdio-transport.ts";

/** What opening needs of its surroundings. */
export interface OpenNeeds {
  readonly spawn: Host["spawn"] | undefined;
  readonly resolveAddresses: Host["resolveAddresses"] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly version: string;
  readonly maxResultBytes: number;
}

/** How one server is opened. */
export interface OpenOptions {
  readonly name: string;
  /** With its variables filled in. */
  readonly config: McpServerConfig;
  readonly events: ConnectOptions["events"];
  readonly prior: PriorDiscovery | undefined;
  readonly oauth: OAuth | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly trouble: (error: unknown) => void;
  /** Called with the log of a program as soon as there is one. */
  readonly logged: (log: readonly string[]) => void;
}

/** How long a program has to end by itself, twice: after its input ended, and after SIGTERM. */
const GRACE_MS = 1_500;

/** A live connection; throws an error of ours that says what is wrong and what to do. */
export async function open(needs: OpenNeeds, options: OpenOptions): Promise<Connection> {
  const wire = await wireOf(needs, options);
  try {
    return await connectOver(needs, options, wire, options.prior);
  } catch (error) {
    await wire.transport.close();
    const retry = secondPrior(options, wire);
    if (retry === undefined || options.signal.aborted) throw explained(options, wire, error);
  }
  const again = await wireOf(needs, options);
  try {
    return await connectOver(needs, options, again, secondPrior(options, wire)?.prior);
  } catch (error) {
    await again.transport.close();
    throw explained(options, again, error);
  }
}

/**
 * What to try differently a second time: a remembered era may be out of date; and some old
 * programs end at the first message they do not know, which asking for the era is.
 */
function secondPrior(
  { prior }: OpenOptions,
  { transport }: Wire,
): { readonly prior: PriorDiscovery | undefined } | undefined {
  if (prior) return { prior: undefined };
  const isGone = "exit" in transport && transport.exit !== undefined;
  return isGone ? { prior: { kind: "legacy" } } : undefined;
}

async function connectOver(
  needs: OpenNeeds,
  { name, events, timeoutMs, signal, trouble }: OpenOptions,
  wire: Wire,
  prior: PriorDiscovery | undefined,
): Promise<Connection> {
  const { clock, version } = needs;
  // The SDK does not look at the signal while it asks for the era; a closed wire it notices.
  const hangUp = (): void => void wire.transport.close().catch(trouble);
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    signal.throwIfAborted();
    return await connect({
      ...{ upstream: name, ...wire, events, prior, timeoutMs, signal, trouble, clock, version },
    });
  } finally {
    signal.removeEventListener("abort", hangUp);
  }
}

function explained(
  { name, signal, oauth }: OpenOptions,
  { transport, explain }: Wire,
  error: unknown,
): Error {
  if (oauth?.pendingUrl !== undefined) return consentMissing(name, oauth.pendingUrl, error);
  if (error instanceof MeshError) return error;
  if (signal.aborted && signal.reason instanceof MeshError) return signal.reason;
  if ("exit" in transport && transport.exit) return explain(undefined).error;
  if (!("log" in transport)) return explain(error).error;
  return new UnavailableError(
    "upstream_unavailable",
    `"${name}" started but did not answer as an MCP server: ${messageOf(error)}${lastWords(transport)}`,
    { cause: error, data: { upstream: name } },
  );
}

function wireOf(needs: OpenNeeds, options: OpenOptions): Promise<Wire> | Wire {
  const { config } = options;
  return config.type === "stdio"
    ? startProgram(needs, options, config)
    : reachAddress({ ...needs, ...options }, config);
}

async function startProgram(
  { spawn, environment, workingFolder, clock, maxResultBytes }: OpenNeeds,
  { name, logged }: OpenOptions,
  config: StdioServerConfig,
): Promise<Wire> {
  if (!spawn) {
    throw new InputError(
      "invalid_config",
      `mcpServers.${name} is a program, and this host cannot start programs; mount it by url`,
      { data: { upstream: name } },
    );
  }
  const child = await spawn({
    file: config.command,
    args: config.args ?? [],
    env: childEnvironment(config, environment),
    cwd: config.cwd ?? workingFolder,
  });
  const transport = createStdioTransport(child, {
    maxLineLength: maxResultBytes,
    graceMs: GRACE_MS,
    after: clock.after,
  });
  logged(transport.log);
  return {
    transport,
    explain: (cause) => ({ error: ended(name, transport, cause), isLost: true }),
  };
}

function ended(name: string, transport: StdioTransport, cause: unknown): UnavailableError {
  const { exit } = transport;
  const how = exit ? `ended with ${exit.signal ?? `exit code ${exit.code}`}` : "closed its pipes";
  return new UnavailableError("upstream_unavailable", `"${name}" ${how}${lastWords(transport)}`, {
    ...(cause !== undefined && { cause }),
    data: { upstream: name, ...(exit && { exit }), log: transport.log.slice(-5) },
  });
}

function lastWords({ log }: StdioTransport): string {
  const words = log.slice(-3).join(" | ");
  return words === "" ? "" : `; it said: ${words}`;
}
