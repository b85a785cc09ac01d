/**
 * The mesh for the length of a command: through the running server of the configuration, or
 * joined for the moment where none runs.
 *
 * @module
 */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { ToolError, UnavailableError } from "../errors.ts";
import { localCaller } from "../registry/caller.ts";
import type { Peers } from "../registry/peers.ts";
import { failureText } from "../registry/result.ts";
import type { CliContext } from "./context.ts";
import type { AppFlags } from "./flags.ts";
import { urlOf } from "./listen.ts";
import type { MeshFlags } from "./mesh-routes.ts";
import { appOf, type ReadConfig, readConfig, withoutLog, withoutServers } from "./open-app.ts";
import { readConnection } from "./peer-answers.ts";
import { findServer, NO_PORT, type ServerAccess, troubleAt } from "./server-access.ts";
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
  const server = await runningServer(context, flags, config.loaded.config);
  if (server) return use(throughServer(server));
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
      const result = await unlessStopped(host, calling);
      if (result.isError !== true) return result.structuredContent;
      throw new ToolError("tool_failed", failureText(tool, result));
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

/** The running server; where there is none, that is told. */
async function runningServer(
  context: CliContext,
  flags: MeshFlags,
  config: Config,
): Promise<ServerAccess | undefined> {
  const found = await findServer(context, flags, config);
  if (typeof found !== "string") return found;
  const hint = found === NO_PORT ? " (--server names a running one)" : "";
  await context.output.talk(`${found}: joining the mesh for this command${hint}`);
  return undefined;
}

function throughServer({ call }: ServerAccess): MeshAccess {
  return {
    through: "server",
    // It has been there for longer than this command.
    meet: () => Promise.resolve(),
    look: () => Promise.resolve(),
    async ping(peer) {
      // A server measures the way whenever it is to connect, also where it is connected.
      const { rttMs } = readConnection(await call("p2p_peer_connect", { peer }));
      if (rttMs !== undefined) return rttMs;
      throw new UnavailableError("peer_unreachable", `${peer} is connected, but did not answer`);
    },
    call,
  };
}
