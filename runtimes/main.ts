#!/usr/bin/env node
/** The executable entry: this host, the built-in catalog, the command line. @module */

import { host } from "#host";
import { loadMesh } from "#mesh";
import { type CliNeeds, runCli } from "../src/cli/main.ts";
import { VERSION } from "../src/version.ts";

/** The server is loaded by the commands that need one: help and completion answer without. */
const createApp: CliNeeds["createApp"] = async ({ isBare = false, ...options }) => {
  const [app, tools] = await Promise.all([import("../src/app.ts"), import("../tools/mod.ts")]);
  return app.createApp({
    ...options,
    catalog: isBare ? [] : tools.catalog,
    ...(loadMesh && { loadMesh }),
  });
};

const code = await runCli(host, {
  version: VERSION,
  createApp,
  uptimeMs: () => performance.now(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
});
// Bun and Deno keep a process alive for sockets and timers that are on their way out.
host.exit(code);
