/** `mcpp stdio`: MCP over standard input and output, for clients that start their servers. @module */

import type { App } from "../../app-types.ts";
import type { Terminal } from "../../host.ts";
import { localCaller } from "../../registry/caller.ts";
import type { CliContext } from "../context.ts";
import type { AppFlags } from "../flags.ts";
import { appOf, readConfig } from "../open-app.ts";
import { stopRequested } from "../stop-requested.ts";

/** `mcpp stdio`: until the input ends or the process is asked to. */
export async function stdio(this: CliContext, flags: AppFlags): Promise<void> {
  const { terminal } = this.host;
  await using app = await openStdioApp(this, flags);
  const served = app.serveStream(terminal.input, outputOf(terminal), localCaller);
  await Promise.race([served, stopRequested(this.host)]);
}

/** A client that names peers wants their tools; others are spared what the mesh costs. */
async function openStdioApp(context: CliContext, flags: AppFlags): Promise<App> {
  const read = await readConfig(context, flags);
  const { bootstrap, rendezvous } = read.loaded.config.mesh;
  const wantsPeers = bootstrap.length > 0 || rendezvous.length > 0;
  return appOf(context, read, wantsPeers ? { meshRole: "client" } : {});
}

/** Standard output as a stream of bytes. */
function outputOf(terminal: Terminal): WritableStream<Uint8Array> {
  const decoder = new TextDecoder();
  return new WritableStream({
    write: (bytes) => terminal.print(decoder.decode(bytes, { stream: true })),
  });
}
