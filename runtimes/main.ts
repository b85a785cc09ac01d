/** The executable entry: this host, the built-in catalog, the command line. @module */

import { host } from "#host";
import { createApp } from "../src/app.ts";
import { runCli } from "../src/cli/main.ts";
import { VERSION } from "../src/version.ts";
import { catalog } from "../tools/mod.ts";
import { plannedCategories } from "../tools/planned.ts";

const code = await runCli(host, {
  version: VERSION,
  createApp: (options) => createApp({ ...options, catalog: [...catalog, ...plannedCategories] }),
  uptimeMs: () => performance.now(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
});
// Bun and Deno keep a process alive for sockets and timers that are on their way out.
host.exit(code);
