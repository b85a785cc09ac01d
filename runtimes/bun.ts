/** The Bun host. @module */

import type { Host } from "../src/host.ts";
import { processHost, processTerminal, stopRequested } from "./shared/process-host.ts";

export const host: Host = {
  name: "bun",
  version: Bun.version,
  ...processHost,
  get stopRequested() {
    return stopRequested();
  },
  terminal: processTerminal(() => Bun.stdin.stream()),
  async listen(fetch, { hostname, port }) {
    // Event streams are quiet for longer than Bun's default of ten seconds.
    const server = Bun.serve({ hostname, port, fetch, idleTimeout: 0 });
    return {
      port: server.port ?? port,
      close: () => server.stop(true),
    };
  },
};
