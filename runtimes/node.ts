/** The Node host. @module */

import type { Server } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import type { FetchHandler, Host, HttpServer, ListenOptions } from "../src/host.ts";
import { processHost, processTerminal, stopRequested } from "./shared/process-host.ts";

async function listen(
  fetch: FetchHandler,
  { hostname, port, onSocket }: ListenOptions,
): Promise<HttpServer> {
  // Loaded here because importing node:http loads all of undici: a third of the start of `stdio`.
  const { serve } = await import("@hono/node-server");
  const sockets = onSocket && (await import("./shared/node-sockets.ts"));
  const serverOptions = sockets ? { shouldUpgradeCallback: sockets.wantsSocket } : {};
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions }, (at) =>
      resolve({ port: at.port, close }),
    ) as Server;
    server.once("error", reject);
    const closeSockets = onSocket && sockets?.acceptSockets(server, onSocket);
    const close = (): Promise<void> =>
      new Promise((done) => {
        server.close(() => done());
        // Event streams never end by themselves.
        server.closeAllConnections();
        closeSockets?.();
      });
  });
}

export const host: Host = {
  name: "node",
  version: process.versions.node,
  ...processHost,
  get stopRequested() {
    return stopRequested();
  },
  // Node's type of a web stream and the web's are the same thing under two names.
  terminal: processTerminal(
    () => Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
  ),
  listen,
};
