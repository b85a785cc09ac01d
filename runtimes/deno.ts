/** The Deno host. @module */

import type { Host } from "../src/host.ts";
import { processHost, processTerminal, stopRequested } from "./shared/process-host.ts";

export const host: Host = {
  name: "deno",
  version: Deno.version.deno,
  ...processHost,
  get stopRequested() {
    return stopRequested();
  },
  terminal: processTerminal(() => Deno.stdin.readable),
  async listen(fetch, { hostname, port }) {
    const stop = new AbortController();
    const server = Deno.serve({ hostname, port, signal: stop.signal, onListen() {} }, fetch);
    return {
      port: server.addr.port,
      async close() {
        // `shutdown` would wait for event streams, which never end by themselves.
        stop.abort();
        await server.finished;
      },
    };
  },
};
