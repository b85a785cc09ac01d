/**
 * The product with the suite's fixtures as its catalog, on whatever host runs this file.
 *
 * `/mcp/flat` lists the fixtures, `/mcp` is the default view. Prints `{"port": …}` when it listens.
 *
 * @module
 */

import { host } from "#host";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app-types.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createFixtureCatalog } from "./fixtures/catalog.ts";
import { losesStream } from "./loses-stream.ts";

const { name, workingFolder, dataHome, terminal, files } = host;
const quiet = [
  { key: "log.level", text: "error", flag: "--set" },
  { key: "log.audit", text: "false", flag: "--set" },
];
const loaded = await loadConfig({ environment: {}, flags: quiet, dataHome, workingFolder });

const made: { app?: App } = {};
const registry = (): App["registry"] => {
  if (made.app) return made.app.registry;
  throw new Error("A fixture was called before there was a server");
};
// Without `openStore`, the app keeps everything in memory, its queue of tasks included.
const app = await createApp({
  host: { name, workingFolder, terminal, files, environment: () => ({}) },
  catalog: createFixtureCatalog(registry),
  ...loaded,
});
made.app = app;

const server = await host.listen(losesStream(app.fetch, "test_reconnection"), {
  hostname: "127.0.0.1",
  port: 0,
});
await terminal.print(`${JSON.stringify({ port: server.port })}\n`);

host.stopRequested.addEventListener("abort", async () => {
  await app.stop();
  await server.close();
  host.exit(0);
});
