/** A program's own tools as a server that listens, until the process is asked to end. @module */

import { urlOf } from "./cli/banner.ts";
import { closeAll } from "./cli/closing.ts";
import { listen } from "./cli/listen.ts";
import { stopRequested } from "./cli/stop-requested.ts";
import { type EmbeddedApp, type EmbeddingHost, type EmbedOptions, embed } from "./embed.ts";
import { messageOf, UnavailableError } from "./errors.ts";
import type { Host, HttpServer } from "./host.ts";

/** What a host that can listen lends. */
export type ServingHost = EmbeddingHost & Partial<Pick<Host, "listen" | "stopRequested" | "exit">>;

/** What is served, and where. */
export interface ServeOptions extends EmbedOptions {
  readonly host: ServingHost;
  /** Shorthand for `config.listen.port`. */
  readonly port?: number;
}

/** A server that listens. */
export interface Serving extends AsyncDisposable {
  readonly app: EmbeddedApp;
  /** Without a path: `http://127.0.0.1:8000`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Listen for MCP at `/mcp` and for REST at `/tools`; SIGINT and SIGTERM end the process. */
export async function serve({ port, ...options }: ServeOptions): Promise<Serving> {
  const { host, config } = options;
  const app = await embed(
    port === undefined
      ? options
      : { ...options, config: { ...config, listen: { ...config?.listen, port } } },
  );
  try {
    const server = await listenOn(host, app);
    const serving = servingOf(app, server);
    endWithProcess(host, serving);
    await host.terminal.printError(`MCP at ${serving.url}/mcp, REST at ${serving.url}/tools\n`);
    return serving;
  } catch (error) {
    await app.stop();
    throw error;
  }
}

function listenOn({ listen: open, name }: ServingHost, app: EmbeddedApp): Promise<HttpServer> {
  if (!open) {
    throw new UnavailableError(
      "runtime_unavailable",
      `The host "${name}" has no sockets: make the server with createApp() and export its fetch`,
    );
  }
  const { hostname, port } = app.config.listen;
  return listen({ listen: open }, app.fetch, { hostname, port });
}

function servingOf(app: EmbeddedApp, server: HttpServer): Serving {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= closeAll([
      { name: "app", close: () => app.stop() },
      { name: "listener", close: () => server.close() },
    ]);
    return stopping;
  };
  const url = urlOf(app.config.listen.hostname, server.port);
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
