/** MCP over a pair of byte streams, one JSON message a line: stdio, or anything like it. @module */

import type { Caller } from "../registry/caller.ts";
import { linesOf } from "./lines.ts";
import type { MessageServer } from "./message-server.ts";
import { RPC_CODE } from "./protocol.ts";
import { type ServeMessagesNeeds, serveMessages } from "./serve-messages.ts";

/** What serving a stream needs. */
export type ServeStreamNeeds = Omit<ServeMessagesNeeds, "write" | "caller"> & {
  readonly caller: Caller;
};

/** A longer line is refused; the connection goes on. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** Serve until the input ends. */
export async function serveStream(
  needs: ServeStreamNeeds,
  input: ReadableStream<Uint8Array>,
  output: WritableStream<Uint8Array>,
): Promise<void> {
  const writer = output.getWriter();
  const encoder = new TextEncoder();
  const write = (text: string): Promise<void> => writer.write(encoder.encode(`${text}\n`));
  const server = serveMessages({ ...needs, caller: () => needs.caller, write });
  try {
    for await (const line of linesOf(input, MAX_LINE_LENGTH)) receiveLine(server, line);
    await server.drain();
  } finally {
    await server.close();
    writer.releaseLock();
  }
}

function receiveLine(server: MessageServer, line: string | undefined): void {
  if (line === undefined) {
    server.refuse(`A message must not be longer than ${MAX_LINE_LENGTH} characters`);
    return;
  }
  if (line.trim() === "") return;
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    server.refuse("A line is not JSON; send one JSON-RPC message a line", RPC_CODE.parseError);
    return;
  }
  server.receive(message);
}
