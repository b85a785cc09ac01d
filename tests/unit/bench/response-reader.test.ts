import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createResponseReader } from "../../../bench/response-reader.ts";
import { IntegrityError } from "../../../src/errors.ts";

function readAll(text: string, pieceBytes: number): readonly string[] {
  const seen: string[] = [];
  const reader = createResponseReader((status, body) => seen.push(`${status} ${body}`));
  const bytes = Buffer.from(text);
  const receiveBuffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const size = bytes.copy(receiveBuffer, 0, at, at + pieceBytes);
    reader.push(receiveBuffer.subarray(0, size));
  }
  return seen;
}

const plain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const empty = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
const chunked =
  "HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";

describe("createResponseReader()", () => {
  for (const pieceBytes of [1, 7, 64, 4096]) {
    it(`finds every response in pieces of ${pieceBytes} bytes`, () => {
      const seen = readAll(plain + chunked + empty + plain, pieceBytes);
      assertEquals(seen, [
        "200 hello",
        "500 5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
        "202 ",
        "200 hello",
      ]);
    });
  }

  it("waits for the rest of a response that is cut off", () => {
    assertEquals(readAll(plain.slice(0, -1), 4096), []);
  });

  it("refuses a response whose end cannot be known", () => {
    assertThrows(() => readAll("HTTP/1.1 200 OK\r\n\r\nhello", 4096), IntegrityError);
  });
});
