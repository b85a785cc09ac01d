/** A program's own tools as a server that listens, until the process is asked to end. @module */

import { closeAll, type Open } from "./cli/closing.ts";
import { type EarlyListener, listenEarly, placeOf } from "./cli/listen.ts";
import { stopRequested } from "./cli/stop-requested.ts";
import type { GivenConfig } from "./config/config.ts";
import {
  type EmbeddedApp,
  type EmbeddingHost,
  type EmbedOptions,
  type PreparedApp,
  prepare,
} from "./embed.ts";
import { messageOf, UnavailableError } from "./errors.ts";
import type { Host } from "./host.ts";

/** What a host that can listen lends. */
export type ServingHost = EmbeddingHost & Partial<Pick<Host, "listen" | "stopRequested" | "exit">>;

/** What is served, and where. */
export interface ServeOptions extends EmbedOptions {
  readonly host: ServingHost;
  /** Shorthand for `config.listen.port`. */
  readonly port?: number;
  /** Take part in the mesh, with these settings of `config.mesh`; left out, the server stays out. */
  readonly mesh?: boolean | MeshOptions;
}

/** Settings of the mesh; `bootstrap` may be one text with commas or newlines, as in a variable. */
export type MeshOptions = Omit<NonNullable<GivenConfig["mesh"]>, "bootstrap"> & {
  readonly bootstrap?: string | readonly string[] | undefined;
};

/** A server that listens. */
export interface Serving extends AsyncDisposable {
  readonly app: EmbeddedApp;
  /** Without a path: `http://127.0.0.1:8000`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Listen for MCP at `/mcp` and for REST at `/tools`; SIGINT and SIGTERM end the process. */
export async function serve({ port, mesh, ...options }: ServeOptions): Promise<Serving> {
  const { host, config = {} } = options;
  const prepared = await prepare({
    ...options,
    config: {
      ...config,
      ...(port !== undefined && { listen: { ...config.listen, port } }),
      features: { mesh: mesh !== undefined && mesh !== false, ...config.features },
      ...(typeof mesh === "object" && { mesh: { ...config.mesh, ...settingsOf(mesh) } }),
    },
  });
  const listener = await listenOn(host, prepared.config);
  const { server, origin, answerWith } = listener;
  const opened: Open[] = [{ name: "listener", close: () => server.close() }];
  try {
    const app = await prepared.make(placeOf(listener));
    // The last to be closed.
    opened.unshift({ name: "app", close: () => app.stop() });
    answerWith(app.fetch);
    await host.terminal.printError(`MCP at ${origin}/mcp, REST at ${origin}/tools\n`);
    const serving = servingOf(app, origin, opened);
    endWithProcess(host, serving);
    return serving;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

function settingsOf({ bootstrap, ...settings }: MeshOptions): NonNullable<GivenConfig["mesh"]> {
  if (bootstrap === undefined) return settings;
  const list = typeof bootstrap === "string" ? bootstrap.split(/[\s,]+/) : bootstrap;
  return { ...settings, bootstrap: list.filter((address) => address !== "") };
}

function listenOn(
  { listen: open, name }: ServingHost,
  config: PreparedApp["config"],
): Promise<EarlyListener> {
  if (!open) {
    throw new UnavailableError(
      "runtime_unavailable",
      `The host "${name}" has no sockets: make the server with createApp() and export its fetch`,
    );
  }
  return listenEarly({ listen: open }, config);
}

function servingOf(app: EmbeddedApp, url: string, opened: readonly Open[]): Serving {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= closeAll(opened);
    return stopping;
  };
  return { app, url, stop, [Symbol.asyncDispose]: stop };
}

/** Stop on the first signal and exit: Bun and Deno would stay for sockets that are on their way out. */
function endWithProcess(host: ServingHost, { stop }: Serving): void {
  const { stopRequested: signal, terminal, exit } = host;
  if (!signal || !exit) return;
  void stopRequested({ stopRequested: signal })
    .then(stop)
    .then(
      () => exit(0),
      async (error: unknown) => {
        await terminal.printError(`error: ${messageOf(error)}\n`);
        exit(1);
      },
    );
}
