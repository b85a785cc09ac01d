/** The Deno host. @module */

import type { Host } from "../src/host.ts";
import { processHost, processTerminal, stopRequested } from "./shared/process-host.ts";

const encoder = new TextEncoder();

/**
 * Deno's own stderr, written at once as Node writes its own: that of node:process costs 9 µs of CPU
 * for each line of the audit log (2.9).
 */
async function printError(text: string): Promise<void> {
  try {
    for (let rest = encoder.encode(text); rest.length > 0; ) {
      rest = rest.subarray(Deno.stderr.writeSync(rest));
    }
  } catch (error) {
    // A reader that is gone is no error of ours.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

export const host: Host = {
  name: "deno",
  version: Deno.version.deno,
  ...processHost,
  get stopRequested() {
    return stopRequested();
  },
  terminal: processTerminal(() => Deno.stdin.readable, { printError }),
  dialSocket: async (url, signal) => (await import("./shared/ws-dial.ts")).dialSocket(url, signal),
  async listen(fetch, { hostname, port, onSocket }) {
    const stop = new AbortController();
    const at = { hostname, port, signal: stop.signal, onListen() {} };
    const sockets =
      onSocket && (await import("./shared/deno-sockets.ts")).createDenoSockets(onSocket);
    const server = sockets
      ? Deno.serve(
          at,
          (request, info) => sockets.upgrade(request, info.remoteAddr) ?? fetch(request),
        )
      : Deno.serve(at, fetch);
    return {
      port: server.addr.port,
      async close() {
        sockets?.closeAll();
        // `shutdown` would wait for event streams, which never end by themselves.
        stop.abort();
        await server.finished;
      },
    };
  },
};
