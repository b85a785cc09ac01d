/**
 * The mesh for the length of a command: through the running server of the configuration, or
 * joined for the moment where none runs.
 *
 * @module
 */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import {
  AuthError,
  errorOfReport,
  MeshError,
  messageOf,
  ToolError,
  UnavailableError,
} from "../errors.ts";
import { localCaller } from "../registry/caller.ts";
import type { Peers } from "../registry/peers.ts";
import type { CliContext } from "./context.ts";
import type { AppFlags } from "./flags.ts";
import { urlOf } from "./listen.ts";
import type { MeshFlags } from "./mesh-routes.ts";
import { appOf, type ReadConfig, readConfig, withoutLog, withoutServers } from "./open-app.ts";
import { readConnection } from "./peer-answers.ts";
import { unlessStopped } from "./stop-requested.ts";

/** How a command asks the mesh. */
export interface MeshAccess {
  /** `server` where a running one answers, `client` where this command joined by itself. */
  readonly through: "server" | "client";
  /** Connect to somebody: whoever joins for a moment knows nobody before that. */
  meet(): Promise<void>;
  /** Meet somebody, and hear from them of others. */
  look(): Promise<void>;
  /** Call a tool of the mesh; gives its structured result. */
  call(tool: string, input: object): Promise<unknown>;
  /** Round trip to a connected peer, in ms. */
  ping(peer: string): Promise<number>;
}

/** Ask the mesh, and leave it again. */
export async function withMesh<T>(
  context: CliContext,
  flags: MeshFlags,
  use: (mesh: MeshAccess) => Promise<T>,
): Promise<T> {
  // Takes Ctrl-C over before anything is open.
  await unlessStopped(context.host, Promise.resolve());
  const config = await readConfig(context, flags);
  const server = await findServer(context, flags, config.loaded.config);
  if (server) return use(server);
  await using app = await joinMesh(context, config, true);
  return await use(accessOf(context, app));
}

/** Join the mesh as a client; throws `runtime_unavailable` where there is none to join. */
async function joinMesh(
  context: CliContext,
  { access, loaded }: ReadConfig,
  isGuest: boolean,
): Promise<App> {
  const config = withoutServers(withoutLog(loaded));
  const app = await appOf(
    context,
    { access, loaded: { ...loaded, config } },
    { meshRole: "client", isGuest },
  );
  try {
    await unlessStopped(context.host, app.mesh.settled());
    peersOf(app);
    return app;
  } catch (error) {
    await app.stop();
    throw error;
  }
}

const LOOK_MS = 3000;
/** Peers that a command looks for, unless somebody says how many. */
export const MAX_FOUND = 100;
const MAX_MET = 10;

/**
 * Join as a client for a command that asks one peer; `use` gets the category of its tools.
 *
 * Peers know who asks by the identity of the data folder, unless a running server has that one:
 * two of one name would get each other's answers.
 */
export async function withPeer<T>(
  context: CliContext,
  flags: AppFlags,
  target: string,
  use: (app: App, category: string) => Promise<T>,
): Promise<T> {
  const { host } = context;
  await unlessStopped(host, Promise.resolve());
  const config = await readConfig(context, flags);
  const { hostname, port } = config.loaded.config.listen;
  const isGuest = (await troubleAt(urlOf(hostname, port))) === undefined;
  await using app = await joinMesh(context, config, isGuest);
  return await use(app, await unlessStopped(host, reach(app, target, host.stopRequested)));
}

/** An address says all; an id or a name means something to who has met others. */
async function reach(app: App, target: string, signal: AbortSignal): Promise<string> {
  if (target.startsWith("/")) return app.mesh.reach(target);
  await look(app, signal);
  const named = peersOf(app)
    .known()
    .find(({ name }) => name === target);
  return app.mesh.reach(named?.peer ?? target);
}

async function meet(app: App, signal: AbortSignal): Promise<void> {
  const connections = { minConnections: 1, maxConnections: MAX_MET };
  await peersOf(app).bootstrap({ ...connections, timeoutMs: LOOK_MS, signal });
}

async function look(app: App, signal: AbortSignal): Promise<void> {
  await meet(app, signal);
  await peersOf(app).discover({ limit: MAX_FOUND, timeoutMs: LOOK_MS, signal });
}

function accessOf({ host }: CliContext, app: App): MeshAccess {
  return {
    through: "client",
    meet: () => unlessStopped(host, meet(app, host.stopRequested)),
    look: () => unlessStopped(host, look(app, host.stopRequested)),
    ping: (peer) => unlessStopped(host, peersOf(app).ping(peer, host.stopRequested)),
    async call(tool, input) {
      const signal = (): AbortSignal => host.stopRequested;
      const calling = app.call({ tool, input, caller: localCaller, signal });
      const { isError, content, structuredContent } = await unlessStopped(host, calling);
      if (isError !== true) return structuredContent;
      const said = content.map(({ text }) => (typeof text === "string" ? text : "")).join("\n");
      throw new ToolError("tool_failed", said || `"${tool}" failed and did not say why`);
    },
  };
}

/** The mesh of an app that has joined. */
export function peersOf({ mesh }: App): Peers {
  if (mesh.peers) return mesh.peers;
  const { reason = "it did not say why" } = mesh.status();
  const message = `The mesh is not running: ${reason}`;
  throw new UnavailableError("runtime_unavailable", message);
}

/** Who answers on this machine does so within this time, or is stuck. */
const FIND_WITHIN_MS = 2000;

async function findServer(
  context: CliContext,
  { server, key }: MeshFlags,
  { listen }: Config,
): Promise<MeshAccess | undefined> {
  const { host, output } = context;
  if (server === undefined && listen.port === 0) {
    await output.talk(
      "the port of this configuration is any free one: joining the mesh for this command (--server names a running one)",
    );
    return undefined;
  }
  const url = (server ?? urlOf(listen.hostname, listen.port)).replace(/\/+$/, "");
  const trouble = await troubleAt(url);
  if (trouble === undefined) {
    return serverAccess(context, url, key ?? host.environment().MCPP_KEY);
  }
  if (server !== undefined) {
    throw new UnavailableError(
      "address_unavailable",
      `${trouble}; --server takes the address of a running mcpp serve`,
      { data: { url } },
    );
  }
  await output.talk(`${trouble}: joining the mesh for this command`);
  return undefined;
}

/** Why no server of ours can be asked at an address; nothing where one can. */
async function troubleAt(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(FIND_WITHIN_MS),
    });
    const about: unknown = await answer.json();
    // What it is, or why this caller is not told.
    const isOurs =
      typeof about === "object" && about !== null && ("mcp" in about || "code" in about);
    return isOurs ? undefined : `What listens at ${url} is another program`;
  } catch (error) {
    if (error instanceof SyntaxError) return `What listens at ${url} is another program`;
    return `No server runs at ${url}`;
  }
}

function serverAccess({ host }: CliContext, url: string, key: string | undefined): MeshAccess {
  return {
    through: "server",
    // It has been there for longer than this command.
    meet: () => Promise.resolve(),
    look: () => Promise.resolve(),
    async ping(peer) {
      // A server measures the way whenever it is to connect, also where it is connected.
      const { rttMs } = readConnection(await this.call("p2p_peer_connect", { peer }));
      if (rttMs !== undefined) return rttMs;
      throw new UnavailableError("peer_unreachable", `${peer} is connected, but did not answer`);
    },
    async call(tool, input) {
      const asking = fetch(`${url}/tools/${tool}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(input),
        signal: host.stopRequested,
      }).then(async (answer) => ({ isOk: answer.ok, body: (await answer.json()) as unknown }));
      const { isOk, body } = await unlessStopped(host, asking).catch((cause: unknown) => {
        if (cause instanceof MeshError) throw cause;
        const message = `The server at ${url} did not answer ${tool}: ${messageOf(cause)}`;
        throw new UnavailableError("address_unavailable", message, { cause, data: { url } });
      });
      if (isOk) return (body as { readonly structuredContent?: unknown }).structuredContent;
      throw failureOf(body, url, key !== undefined);
    },
  };
}

/** What a server answered instead of a result, as the error that it is. */
function failureOf(body: unknown, url: string, hasKey: boolean): MeshError {
  const { code, message, data } = body as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof message !== "string") {
    return new UnavailableError(
      "address_unavailable",
      `The server at ${url} answered what is no answer of ours`,
    );
  }
  if (code === "unauthenticated" && !hasKey) {
    return new AuthError("unauthenticated", `${message}; name a key with --key or MCPP_KEY`);
  }
  const report = {
    code,
    message,
    ...(typeof data === "object" && data !== null && { data: { ...data } }),
  };
  return errorOfReport(report) ?? new ToolError("tool_failed", message);
}
