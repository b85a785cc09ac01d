/** HTTP as bytes on a socket, also where it is no HTTP: for fuzzing. @module */

import { connect } from "node:net";
import fc from "fast-check";
import { modernHeaders, modernMessage } from "./messages.ts";

const message = modernMessage({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "add", arguments: { a: 1, b: 2 } },
});
const BODY = JSON.stringify(message);

/** The lines of a request that is right, by name. */
const LINES: Readonly<Record<string, string>> = {
  host: "127.0.0.1",
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
  connection: "close",
  ...modernHeaders(message),
};

const requestLine: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("POST /mcp HTTP/1.1") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...["GET /mcp HTTP/1.1", "POST /mcp", "POST  /mcp  HTTP/1.1", "post /mcp HTTP/1.1"],
      ...["POST /mcp HTTP/9.9", "POST /mcp HTTP/1.0", "PRI * HTTP/2.0", "\u0016\u0003\u0001"],
      ...["POST http://evil.example/mcp HTTP/1.1", "POST * HTTP/1.1", "CONNECT a:1 HTTP/1.1"],
      ...["POST /\u0000 HTTP/1.1", "GET /%c0%af HTTP/1.1", "TRACE / HTTP/1.1", ""],
      `GET /${"a".repeat(20_000)} HTTP/1.1`,
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 60 }) },
);

const headerLine: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...["no colon here", ": no name", "a b: space", "x:\u0000", " folded: 1", "x-long: ", "\r"],
    ...["host: evil.example", "host:", "transfer-encoding: chunked", "transfer-encoding: gzip"],
    ...["expect: 100-continue", "upgrade: websocket", "content-encoding: gzip", "connection: keep"],
    `x-long: ${"y".repeat(30_000)}`,
  ),
  fc.string({ unit: "binary-ascii", maxLength: 40 }),
);

/** What the request says of the length of its body. */
const lengthLine: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(`content-length: ${BODY.length}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...["content-length: 0", "content-length: 5", "content-length: 999999999999", ""],
      ...["content-length: -1", "content-length: 1e3", "content-length: 0x10", "content-length:"],
      `content-length: ${BODY.length}\r\ncontent-length: 3`,
      `content-length: ${BODY.length + 10}`,
    ),
  },
);

const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(BODY) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", "5\r\nhello\r\n0\r\n\r\n", "ffffffff\r\n", `${BODY}${BODY}`),
  },
  { weight: 1, arbitrary: fc.nat({ max: BODY.length }).map((end) => BODY.slice(0, end)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 200 }) },
);

/** What is written to one connection, piece by piece. */
export const malformedBytes: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    requestLine,
    fc.array(headerLine, { maxLength: 2 }),
    fc.constantFrom(...Object.keys(LINES), "", "", "", "", ""),
    lengthLine,
    body,
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom("\r\n", "\r\n", "\r\n", "\n"),
    fc.boolean(),
  )
  .map(([first, faults, dropped, length, content, pieces, end, isFaulty]) => {
    const lines = Object.entries(LINES)
      .filter(([name]) => name !== dropped)
      .map(([name, value]) => `${name}: ${value}`);
    const head = [first, ...lines, ...(isFaulty ? faults : []), ...(length ? [length] : [])];
    const whole = `${head.join(end)}${end}${end}${content}`;
    const size = Math.ceil(whole.length / pieces);
    return Array.from({ length: pieces }, (_, at) => whole.slice(at * size, (at + 1) * size));
  });

/** How long a server may hold a connection whose other side has said all it had to say. */
const PATIENCE_MS = 400;

/**
 * Write these pieces, say that there is no more, and give the status of the first answer; 0 where
 * the server just closed the connection, −1 where it did nothing at all.
 */
export function exchange(port: number, pieces: readonly string[]): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = connect(port, "127.0.0.1");
  let received = "";
  const patience = setTimeout(() => {
    finish(-1);
    socket.destroy();
  }, PATIENCE_MS);
  const finish = (otherwise: number): void => {
    clearTimeout(patience);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(
      received.replace(/^HTTP\/1\.1 100[\s\S]*?\r\n\r\n/, ""),
    );
    resolve(status ? Number(status[1]) : otherwise);
  };
  socket.on("data", (data) => {
    received += data.toString("latin1");
  });
  socket.on("close", () => finish(0));
  // A server may close a connection that it does not understand before everything is written.
  socket.on("error", () => finish(0));
  socket.on("connect", () => {
    for (const piece of pieces) socket.write(piece, "latin1");
    socket.end();
  });
  return promise;
}
