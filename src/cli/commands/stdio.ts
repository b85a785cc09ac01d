/** `mcpp stdio`: MCP over standard input and output, for clients that start their servers. @module */

import type { Terminal } from "../../host.ts";
import { localCaller } from "../../registry/caller.ts";
import type { CliContext } from "../context.ts";
import type { AppFlags } from "../flags.ts";
import { openApp } from "../open-app.ts";
import { stopRequested } from "../stop-requested.ts";

/** `mcpp stdio`: until the input ends or the process is asked to. */
export async function stdio(this: CliContext, flags: AppFlags): Promise<void> {
  const { terminal } = this.host;
  await using app = await openApp(this, flags);
  const served = app.serveStream(terminal.input, outputOf(terminal), localCaller);
  await Promise.race([served, stopRequested(this.host)]);
}

/** Standard output as a stream of bytes. */
function outputOf(terminal: Terminal): WritableStream<Uint8Array> {
  const decoder = new TextDecoder();
  return new WritableStream({
    write: (bytes) => terminal.print(decoder.decode(bytes, { stream: true })),
  });
}
