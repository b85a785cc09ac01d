import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import {
  readBeginning,
  readRequest,
  streamHeader,
} from "../../../../runtimes/shared/web-transport-wire.ts";

/** A stream that comes in these pieces. */
function pieces(
  ...chunks: readonly (readonly number[])[]
): ReadableStreamDefaultReader<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Uint8Array.from(chunk));
      controller.close();
    },
  });
  return stream.getReader();
}

describe("readBeginning()", () => {
  for (const session of [0, 63, 64, 0x3fff]) {
    it(`reads what streamHeader() wrote for session ${session}`, async () => {
      const begun = await readBeginning(pieces([...streamHeader(session), 7, 8]));

      assertEquals(begun.session, session);
      assertEquals([...begun.rest], [7, 8]);
    });
  }

  it("reads numbers of every length, however they were cut", async () => {
    // The example numbers of RFC 9000, appendix A.1.
    const numbers: readonly (readonly [readonly number[], number])[] = [
      [[0x25], 37],
      [[0x7b, 0xbd], 15_293],
      [[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333],
    ];
    for (const [bytes, value] of numbers) {
      const cut = [0x40, 0x41, ...bytes].map((byte) => [byte]);
      assertEquals((await readBeginning(pieces(...cut))).session, value);
    }
  });

  it("refuses a stream of another kind, and one that ends too soon", async () => {
    await assertRejects(() => readBeginning(pieces([0x01, 0])), TypeError, "began with 1");
    await assertRejects(() => readBeginning(pieces([0x40], [0x41])), TypeError, "ended before");
  });
});

describe("readRequest()", () => {
  it("takes the headers, over many pieces, and nothing more", async () => {
    const reader = pieces([0x01, 0x44, 0x00], new Array(1000).fill(1), new Array(24).fill(2), [9]);

    await readRequest(reader);

    assertEquals([...((await reader.read()).value ?? [])], [9]);
  });

  it("refuses what is no request", async () => {
    await assertRejects(() => readRequest(pieces([0x00, 1, 1])), TypeError, "frame 0");
  });
});
