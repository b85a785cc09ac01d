import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { linesOf } from "../../../src/mcp/lines.ts";

function streamOf(chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

const lines = (chunks: readonly (string | Uint8Array)[], max = 10): Promise<unknown[]> =>
  Array.fromAsync(linesOf(streamOf(chunks), max));

describe("linesOf()", () => {
  it("puts lines together wherever the stream was cut", async () => {
    assertEquals(await lines(["a\nb", "c\n", "\nd"]), ["a", "bc", "", "d"]);
    assertEquals(await lines(["a\n", "b\n"]), ["a", "b"]);
    assertEquals(await lines([]), []);
    const [first, second] = [new Uint8Array([0xc3]), new Uint8Array([0xbc, 0x0a])];
    assertEquals(await lines([first, second]), ["ü"]);
  });

  it("says once that a line was too long, and reads on after it", async () => {
    assertEquals(await lines(["12345678901\nok\n"]), [undefined, "ok"]);
    assertEquals(await lines(["1234567890\nok\n"]), ["1234567890", "ok"]);
    const pieces = Array<string>(1000).fill("123456789");
    assertEquals(await lines([...pieces, "\nok"]), [undefined, "ok"]);
    assertEquals(await lines(pieces), [undefined]);
  });
});
