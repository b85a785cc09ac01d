/**
 * Loaded into the suite's own program: the connections to its servers, when it stops them.
 *
 * The suite waits until every connection to a scenario's server is closed, and Node's
 * `server.close()` closes idle ones, but for those that never carried a request. A client may open
 * such a one and keep it: with several requests at once, Bun connects over IPv4 and IPv6, and Deno
 * keeps what it opened while another connection became free. They are closed here, and no others:
 * one on which something was asked must be closed by the client, and is named if the program hangs.
 *
 * @module
 */

import { subscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";

interface Exchange {
  readonly what: string;
  isAnswered: boolean;
}

interface Connection {
  readonly server: unknown;
  readonly exchanges: Exchange[];
}

const open = new Map<Socket, Connection>();

subscribe("net.server.socket", (message) => {
  const { socket } = message as { readonly socket: Socket & { readonly server: unknown } };
  open.set(socket, { server: socket.server, exchanges: [] });
  socket.once("close", () => open.delete(socket));
});

subscribe("http.server.request.start", (message) => {
  const { request, response, socket } = message as {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly socket: Socket;
  };
  const method = request.headers["mcp-method"] ?? "";
  const exchange = { what: `${request.method} ${request.url} ${method}`, isAnswered: false };
  open.get(socket)?.exchanges.push(exchange);
  response.once("finish", () => {
    exchange.isAnswered = true;
  });
});

/** A request that was sent before the server stopped has been read by then. */
const UNUSED_AFTER_MS = 1_000;

const { close } = Server.prototype;
Server.prototype.close = function (this: Server, ...done: Parameters<typeof close>): Server {
  setTimeout(() => {
    for (const [socket, { server }] of open) {
      if (server === this && socket.bytesRead === 0) socket.destroy();
    }
  }, UNUSED_AFTER_MS).unref();
  return close.apply(this, done);
};

/** One line per connection. */
function describeOpen(): string {
  const lines = [...open].map(([{ localPort, bytesRead, bytesWritten }, { exchanges }]) => {
    const last = exchanges.at(-1);
    const state = last?.isAnswered ? "answered" : "not answered to the end";
    const what = last ? `${last.what}: ${state}` : "no request";
    return `to port ${localPort}, ${bytesRead} bytes in, ${bytesWritten} out; ${what}`;
  });
  return [`${lines.length} open connections`, ...lines, ""].join("\n");
}

const afterMs = Number(process.env.MCPP_SAY_OPEN_AFTER_MS);
setTimeout(() => process.stderr.write(describeOpen()), afterMs).unref();
