import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { IntegrityError } from "../../../src/errors.ts";
import { encodeFrames, FrameReader, fitsFrame } from "../../../src/mesh/framing.ts";
import { settledHeapBytes } from "../../support/settled-heap.ts";

const LIMIT = 16 * 1024 * 1024;

/** The texts of all frames in these chunks. */
function read(chunks: readonly Uint8Array[], limit = LIMIT): readonly string[] {
  const reader = new FrameReader(limit);
  return chunks.flatMap((chunk) => reader.push(chunk).map(({ text }) => text));
}

/** `bytes` cut at these places, which may be anywhere and in any order. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
}

const header = (length: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
};

describe("encodeFrames()", () => {
  it("writes the length in bytes of UTF-8, big-endian, before each text", () => {
    assertEquals(
      encodeFrames(["a", "é€😀"]),
      Uint8Array.from([
        0, 0, 0, 1, 97, 0, 0, 0, 9, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80,
      ]),
    );
    assertEquals(encodeFrames([]).length, 0);
  });
});

describe("a FrameReader", () => {
  it("gives back every text, wherever the bytes are split", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), (written, places) => {
        assertEquals(read(cut(encodeFrames(written), places)), written);
      }),
    );
  });

  it("tells the length of a frame on the wire", () => {
    const [frame] = new FrameReader(LIMIT).push(encodeFrames(["€"]));
    assertEquals(frame, { text: "€", bytes: 3 });
  });

  it("reads a frame that comes byte by byte", () => {
    const bytes = encodeFrames(["first", "second"]);
    assertEquals(read([...bytes].map((byte) => Uint8Array.of(byte))), ["first", "second"]);
  });

  it("keeps what came even where the host fills its buffer again", () => {
    const bytes = encodeFrames(["0123456789"]);
    const shared = new Uint8Array(7);
    const reader = new FrameReader(LIMIT);
    shared.set(bytes.subarray(0, 7));
    reader.push(shared);
    shared.set(bytes.subarray(7, 14));
    assertEquals(reader.push(shared), [{ text: "0123456789", bytes: 10 }]);
  });

  it("refuses a length of nothing and one beyond the limit before it keeps anything", () => {
    for (const [length, limit] of [
      [0, LIMIT],
      [LIMIT + 1, LIMIT],
      [0xffff_ffff, LIMIT],
      [9, 8],
    ] as const) {
      const error = assertThrows(() => read([header(length)], limit), IntegrityError);
      assertEquals(error.message, `A frame announced ${length} bytes; 1 to ${limit} are accepted`);
      assertEquals([error.code, error.data], ["malformed_frame", { length, maxFrameBytes: limit }]);
    }
  });

  it("takes a frame of exactly the limit", () => {
    const text = "x".repeat(LIMIT);
    const [back] = read(cut(encodeFrames([text]), [1_000_000, 9_000_000]));
    assertEquals(back?.length, LIMIT);
  });

  it("refuses what is not UTF-8", () => {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ]) {
      const frame = Uint8Array.from([...header(bytes.length), ...bytes]);
      assertThrows(() => read([frame]), IntegrityError, "A frame is not UTF-8 text");
    }
  });

  it("knows whether it is inside a frame", () => {
    const reader = new FrameReader(LIMIT);
    const states = [...encodeFrames(["ab"])].map((byte) => {
      reader.push(Uint8Array.of(byte));
      return reader.isInside;
    });
    assertEquals(states, [true, true, true, true, true, false]);
  });

  it("reserves nothing for a length that is only announced", (t) => {
    const before = settledHeapBytes();
    if (before === undefined) return t.skip("this host gives no collected heap");
    const readers = Array.from({ length: 64 }, () => new FrameReader(LIMIT));
    for (const reader of readers) reader.push(Uint8Array.from([...header(LIMIT), 1, 2, 3]));

    const grown = (settledHeapBytes() ?? 0) - before;
    assert(grown < 8 * 1024 * 1024, `${grown} bytes`);
    assert(readers.every(({ isInside }) => isInside));
  });

  it("needs little more than what arrived where that comes byte by byte", (t) => {
    const before = settledHeapBytes();
    if (before === undefined) return t.skip("this host gives no collected heap");
    const reader = new FrameReader(LIMIT);
    reader.push(header(LIMIT));
    for (let at = 0; at < 500_000; at += 1) reader.push(Uint8Array.of(97));

    const grown = (settledHeapBytes() ?? 0) - before;
    assert(grown < 8 * 1024 * 1024, `${grown} bytes for 500,000`);
    assert(reader.isInside);
  });
});

describe("fitsFrame()", () => {
  it("agrees with the length of the encoded text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(100), (text, limit) => {
        assertEquals(fitsFrame(text, limit), new TextEncoder().encode(text).length <= limit);
      }),
    );
  });
});
