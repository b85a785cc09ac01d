/** The Bun host. @module */

import type { Host, HttpServer } from "../src/host.ts";
import { processHost, processTerminal, stopRequested } from "./shared/process-host.ts";

export const host: Host = {
  name: "bun",
  version: Bun.version,
  ...processHost,
  get stopRequested() {
    return stopRequested();
  },
  terminal: processTerminal(() => Bun.stdin.stream()),
  async listen(fetch, { hostname, port, onSocket }) {
    // Event streams are quiet for longer than Bun's default of ten seconds.
    const at = { hostname, port, idleTimeout: 0 };
    if (!onSocket) return serverOf(Bun.serve({ ...at, fetch }), port);
    const { socketHandler, upgrade } = await import("./shared/bun-sockets.ts");
    const server = Bun.serve({
      ...at,
      fetch: (request, self) => (upgrade(request, self) ? undefined : fetch(request)),
      websocket: socketHandler(onSocket),
    });
    return serverOf(server, port);
  },
};

function serverOf(server: Pick<Bun.Server<unknown>, "port" | "stop">, port: number): HttpServer {
  return { port: server.port ?? port, close: () => server.stop(true) };
}
