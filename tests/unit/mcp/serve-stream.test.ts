import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createMcpScene, type ServedStream } from "../../support/mcp-scene.ts";
import { initialize, modernMessage } from "../../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;

const request = (id: unknown, method: string, params: object = {}): object => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

const callOf = (id: unknown, name: string, args: object = {}): object =>
  request(id, "tools/call", { name, arguments: args });

const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };

const cancel = (requestId: unknown): object => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

/** A stream whose first message has decided its era. */
async function opened(era: "modern" | "legacy"): Promise<{
  readonly stream: ServedStream;
  readonly scene: ReturnType<typeof createMcpScene>;
  readonly inEra: (message: object) => object;
}> {
  const scene = createMcpScene();
  const stream = scene.stream();
  const inEra = (message: object): object => (era === "modern" ? modernMessage(message) : message);
  if (era === "legacy") await stream.write(initialize(), initialized);
  else await stream.write(inEra(request(0, "tools/list")));
  await stream.next(0);
  return { stream, scene, inEra };
}

describe("serveStream()", () => {
  for (const era of ["modern", "legacy"] as const) {
    it(`answers calls of the ${era} era, each under its id, in any order`, async () => {
      const { stream, inEra } = await opened(era);

      await stream.write(
        inEra(callOf(1, "seen", { moment: "now" })),
        inEra(callOf("two", "add", { a: 1, b: 2 })),
        inEra(callOf(3, "begin", { moment: "now" })),
      );

      const { result } = (await stream.next("two")) as { result: Json };
      assertEquals(result.structuredContent, { sum: 3 });
      await stream.next(1);
      const order = stream.written.map(({ id }) => id);
      assert(order.indexOf("two") < order.indexOf(1));
      await stream.end();
    });

    it(`tells a handler of the ${era} era that its call was cancelled, and says no more`, async () => {
      const { stream, scene, inEra } = await opened(era);
      for (const [id, params] of [
        ["hot", {}],
        ["sdk", { _meta: { progressToken: 1 } }],
      ] as const) {
        const call = request(id, "tools/call", { name: "wait", arguments: { key: id }, ...params });
        const meta = { progressToken: 1 };
        await stream.write(
          era === "modern" ? modernMessage(call, {}, id === "sdk" ? meta : {}) : call,
        );
        await scene.fixtures.moments.wait(`started:${id}`);
        await stream.write(cancel(id));
        await scene.fixtures.moments.wait(`cancelled:${id}`);
      }

      await stream.write(inEra(callOf("after", "add", { a: 1, b: 1 })));
      await stream.next("after");

      assertEquals(
        stream.written.filter(({ id }) => id === "hot" || id === "sdk"),
        [],
      );
      await stream.end();
    });

    it(`answers what was piped in before the input ended, ${era} era`, async () => {
      const { stream, scene, inEra } = await opened(era);

      await stream.write(
        inEra(callOf(1, "seen", { moment: "later" })),
        inEra(request(2, "resources/read", { uri: "note://a" })),
      );
      const ended = stream.end();
      scene.fixtures.moments.happened("later");
      await ended;

      const ids = stream.written.map(({ id }) => id);
      assert(ids.includes(1) && ids.includes(2), String(ids));
    });

    it(`waits no longer than a moment for the rest, ${era} era`, async () => {
      const { stream, scene, inEra } = await opened(era);
      await stream.write(inEra(callOf(1, "wait", { key: "w" })));
      await scene.fixtures.moments.wait("started:w");

      const ended = stream.end();
      await scene.clock.advance(1000);
      await ended;

      await scene.fixtures.moments.wait("cancelled:w");
    });

    it(`goes on after garbage, ${era} era`, async () => {
      const { stream, inEra } = await opened(era);
      const garbage = ["{", "nonsense", "[]", "null", "7", '"text"', '{"a":1}', "  ", '{"id":{}}'];

      await stream.write(...garbage, `"${"x".repeat(17 * 1024 * 1024)}"`);
      await stream.write(inEra(callOf("after", "add", { a: 1, b: 1 })));
      await stream.next("after");

      const refused = stream.written.flatMap(({ error }) =>
        error ? [(error as { code: number }).code] : [],
      );
      assertEquals(refused.filter((code) => code === -32700).length, 2);
      assert(refused.filter((code) => code === -32600).length >= 5, String(refused));
      await stream.end();
    });
  }

  it("names its bound to who sends a line that is too long, once", async () => {
    const { stream } = await opened("legacy");

    await stream.write("x".repeat(17 * 1024 * 1024));
    await stream.write(callOf("after", "add", { a: 1, b: 1 }));
    await stream.next("after");

    const errors = stream.written.filter(({ error }) => error);
    assertEquals(errors.length, 1);
    assertStringIncludes(JSON.stringify(errors), "16777216 characters");
    await stream.end();
  });

  it("tells a legacy client of new tools, but not one that sees the meta-tools only", async () => {
    for (const [view, count] of [
      ["flat", 1],
      ["meta", 0],
    ] as const) {
      const scene = createMcpScene();
      const stream = scene.stream({ view });
      await stream.write(initialize(), initialized);
      await stream.next(0);

      scene.fixtures.grow();
      await stream.write(request(9, "ping"));
      await stream.next(9);

      const told = stream.written.filter(
        ({ method }) => method === "notifications/tools/list_changed",
      );
      assertEquals(told.length, count, view);
      await stream.end();
    }
  });

  it("tells of resources to which its client listens, and of no others", async () => {
    const { stream, scene } = await opened("legacy");
    await stream.write(request(1, "resources/subscribe", { uri: "note://a" }));
    await stream.next(1);

    scene.changes.publish({ kind: "resource_updated", uri: "note://b" });
    scene.changes.publish({ kind: "resource_updated", uri: "note://a" });
    const told = await stream.next("notifications/resources/updated");
    await stream.write(request(2, "resources/unsubscribe", { uri: "note://a" }));
    await stream.write(request(3, "resources/unsubscribe", { uri: "note://a" }));
    await stream.next(3);
    scene.changes.publish({ kind: "resource_updated", uri: "note://a" });
    await stream.write(request(4, "ping"));
    await stream.next(4);

    assertEquals(told.params, { uri: "note://a" });
    assertEquals(scene.fixtures.watched, ["+note://a", "-note://a"]);
    const all = stream.written.filter(({ method }) => method === told.method);
    assertEquals(all.length, 1);
    await stream.end();
  });
});
