import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InputError } from "../../../src/errors.ts";
import { checkJsonType, parseJson, readBody } from "../../../src/server/body.ts";

/** A request whose body arrives in pieces, without a declared length. */
function streamed(chunks: readonly string[]): { request: Request; pulled: () => number } {
  let pulled = 0;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[pulled];
        if (chunk === undefined) return controller.close();
        pulled += 1;
        controller.enqueue(encoder.encode(chunk));
      },
    },
    { highWaterMark: 0 },
  );
  // Node wants `duplex` for a stream as body; the DOM's types do not know it.
  const init = { method: "POST", body, duplex: "half" } as RequestInit;
  return { request: new Request("http://localhost/", init), pulled: () => pulled };
}

function declared(body: string, length: number): Request {
  const headers = { "content-length": String(length) };
  return new Request("http://localhost/", { method: "POST", body, headers });
}

describe("readBody()", () => {
  it("reads a body up to the bound, declared or not", async () => {
    assertEquals(await readBody(declared("12345", 5), 5), "12345");
    assertEquals(await readBody(streamed(["12", "345"]).request, 5), "12345");
    assertEquals(await readBody(new Request("http://localhost/", { method: "POST" }), 5), "");
  });

  it("puts characters together that arrive in two pieces", async () => {
    const bytes = new TextEncoder().encode("é€😀");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;

    assertEquals(await readBody(new Request("http://localhost/", init), 100), "é€😀");
  });

  it("refuses a declared length above the bound without reading", async () => {
    const request = declared("12345", 6);

    const error = await assertRejects(() => readBody(request, 5), InputError, "5 bytes at most");

    assertEquals(error.code, "body_too_large");
    assertEquals(request.bodyUsed, false);
  });

  it("refuses a length that is none, and a body longer than it was said to be", async () => {
    const lying = { headers: new Headers({ "content-length": "3" }), text: async () => "12345678" };
    const odd = { headers: new Headers({ "content-length": "5, 5" }) };

    for (const request of [lying, odd]) {
      const error = await assertRejects(() => readBody(request as Request, 5), InputError);
      assertEquals(error.code, "body_too_large");
    }
  });

  it("stops reading a stream as soon as it is too long", async () => {
    const { request, pulled } = streamed(Array.from({ length: 1000 }, () => "x".repeat(100)));

    const error = await assertRejects(() => readBody(request, 250), InputError);

    assertEquals(error.code, "body_too_large");
    assertEquals(pulled() < 10, true, `${pulled()} pieces were read`);
  });
});

describe("checkJsonType()", () => {
  it("takes JSON, whatever its case and parameters, and nothing else", () => {
    for (const type of [
      "application/json",
      "Application/JSON; charset=utf-8",
      "application/json ;x",
    ])
      checkJsonType(type);
    for (const type of [
      null,
      "",
      "text/plain",
      "application/jsonp",
      "application/x-www-form-urlencoded",
      "text/plain; application/json",
      "multipart/form-data",
    ]) {
      const error = assertThrows(() => checkJsonType(type), InputError);
      assertEquals(error.code, "unsupported_media_type");
    }
  });
});

describe("parseJson()", () => {
  const nested = (depth: number, open: string, close: string): string =>
    open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth);

  it("refuses more than 64 levels, before they are parsed", () => {
    parseJson(nested(64, "[", "]"));
    parseJson(nested(64, '{"a":', "}"));
    for (const text of [nested(65, "[", "]"), nested(65, '{"a":', "}"), "[".repeat(100_000)]) {
      assertThrows(() => parseJson(text), InputError, "64 levels");
    }
  });

  it("refuses more values than the bound", () => {
    const bounds = { maxDepth: 4, maxElements: 10 };

    parseJson("[1,2,3,4,5,6,7,8,9,10]", bounds);
    assertThrows(() => parseJson("[1,2,3,4,5,6,7,8,9,10,11]", bounds), InputError, "10 values");
    assertThrows(() => parseJson(`[${"{},".repeat(9)}{}]`, bounds), InputError, "10 values");
  });

  it("does not count what stands in strings", () => {
    const value = { '[[[",{': '\\"]]]}[[[[', b: ["\\", '\\\\"', "[[[[[[[["] };

    assertEquals(parseJson(JSON.stringify(value), { maxDepth: 2, maxElements: 6 }), value);
  });

  it("reads every JSON value as the host's parser does", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        assertEquals(parseJson(text), JSON.parse(text));
      }),
    );
  });

  it("says what is wrong with a text that is not JSON", () => {
    for (const text of ["", "{", '{"a":1,}', "[1", '"', "nope", "]"]) {
      const error = assertThrows(() => parseJson(text), InputError, "not JSON");
      assertEquals(error.code, "invalid_input");
    }
  });
});
