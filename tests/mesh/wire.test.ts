/** What a server answers to streams that are written by hand. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import * as v from "valibot";
import { encodeFrames } from "../../src/mesh/framing.ts";
import { defineTool } from "../../src/registry/definition.ts";
import { defaultPeerLimits } from "../../src/registry/peer-limits.ts";
import { text } from "../../src/registry/result.ts";
import { categoryOf } from "../support/fixtures.ts";
import { type MeshApp, type MeshAppOptions, openMeshApp } from "../support/mesh-app.ts";
import type { Cleanup } from "../support/mesh-nodes.ts";
import { initialize } from "../support/messages.ts";
import {
  callMessage,
  openRawStream,
  type RawStream,
  request,
  startRawPeer,
} from "../support/raw-peer.ts";

async function open(
  t: Cleanup,
  options: MeshAppOptions = {},
): Promise<{ readonly server: MeshApp; readonly raw: RawStream }> {
  const server = await openMeshApp(t, options);
  return { server, raw: await openRawStream(await startRawPeer(t), server.address) };
}

const structured = (message: object): unknown =>
  (message as { result?: { structuredContent?: unknown } }).result?.structuredContent;
const errorOf = (
  message: object,
): { code: number; message: string; data: Record<string, unknown> } =>
  (message as { error: never }).error;

describe("a stream of a peer", () => {
  it("is served in the modern era without a handshake", async (t) => {
    const { raw } = await open(t);
    const listed = await raw.ask("a", "tools/list");
    const { tools } = listed.result as { tools: { name: string }[] };
    assert(tools.some(({ name }) => name === "add"));
    raw.send(callMessage("b", "add", { a: 20, b: 22 }));
    assertEquals(structured(await raw.answer("b")), { sum: 42 });
    const discovered = await raw.ask("c", "server/discover");
    assert("result" in discovered, JSON.stringify(discovered));
  });

  it("is served in the legacy era when it begins with initialize", async (t) => {
    const { raw } = await open(t);
    raw.send(initialize());
    const { result } = await raw.answer(0);
    assertEquals((result as { protocolVersion: string }).protocolVersion, "2025-11-25");
    raw.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    const params = { name: "add", arguments: { a: 1, b: 2 } };
    raw.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    assertEquals(structured(await raw.answer(1)), { sum: 3 });
  });

  it("is served in the dialect of older peers when it begins so", async (t) => {
    const { raw, server } = await open(t);
    const params = { name: "add", arguments: { a: 1, b: 2 } };
    raw.send({
      type: "request",
      id: "x",
      method: "tools/call",
      params,
      sender: "Qm",
      timestamp: 1,
    });
    const answer = await raw.answer("x");
    assertEquals([answer.type, answer.sender], ["response", server.peer]);
    assertEquals(structured(answer), { sum: 3 });
    raw.send({ type: "request", id: "y", method: "tools/list", params: null });
    assert(Array.isArray(((await raw.answer("y")).result as { tools: unknown }).tools));
    raw.send({ type: "request", id: "z", method: "no/such" });
    assertEquals(errorOf(await raw.answer("z")).code, -32601);
  });

  it("carries 64 requests at once, answered in any order", async (t) => {
    const { raw, server } = await open(t);
    const ids = Array.from({ length: 63 }, (_, at) => at);
    raw.send(...ids.map((id) => callMessage(id, "seen", { moment: `m${id}` })));
    raw.send(callMessage("last", "add", { a: 1, b: 1 }));
    assertEquals(structured(await raw.answer("last")), { sum: 2 });
    for (const id of ids.toReversed()) {
      server.fixtures.moments.happened(`m${id}`);
      assertEquals(structured(await raw.answer(id)), { moment: `m${id}` });
    }
    const order = raw.received.map(({ id }) => id);
    assertEquals(order, ["last", ...ids.toReversed()]);
  });

  it("hears progress, and its cancellation reaches the handler", async (t) => {
    const { raw, server } = await open(t);
    const counting = callMessage(1, "count", { to: 3 }) as { params: { _meta: object } };
    Object.assign(counting.params._meta, { progressToken: "p" });
    raw.send(counting);
    await raw.answer(1);
    const told = raw.received.filter(({ method }) => method === "notifications/progress");
    assertEquals(
      told.map(({ params }) => params),
      [1, 2, 3].map((progress) => ({
        progressToken: "p",
        progress,
        total: 3,
        message: `step ${progress}`,
      })),
    );

    raw.send(callMessage(2, "wait", { key: "k" }));
    await server.fixtures.moments.wait("started:k");
    raw.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
    await server.fixtures.moments.wait("cancelled:k");
    await raw.ask(3, "tools/list");
    assert(!raw.received.some(({ id }) => id === 2));
  });

  it("ends the calls of a peer that goes", async (t) => {
    const { raw, server } = await open(t);
    raw.send(callMessage(1, "wait", { key: "gone" }));
    await server.fixtures.moments.wait("started:gone");
    raw.stream.abort(new Error("bye"));
    await server.fixtures.moments.wait("cancelled:gone");
  });

  it("gives a peer that has said all its answers, and then ends", async (t) => {
    const { raw, server } = await open(t);
    raw.send(callMessage(1, "seen", { moment: "later" }));
    const closing = raw.stream.close();
    await raw.stream.onDrain();
    server.fixtures.moments.happened("later");
    assertEquals(structured(await raw.answer(1)), { moment: "later" });
    await raw.closed;
    await closing;
  });

  it("carries megabytes both ways, and says what is too much for a message", async (t) => {
    const { raw } = await open(t, { categories: [large] });
    raw.send(callMessage(1, "text_of", { length: 8 * 1024 * 1024 }));
    const { content } = (await raw.answer(1)).result as { content: { text: string }[] };
    assertEquals(content[0]?.text.length, 8 * 1024 * 1024);
    raw.send(callMessage(2, "length_of", { text: "é".repeat(4 * 1024 * 1024) }));
    assertEquals(structured(await raw.answer(2)), { length: 4 * 1024 * 1024 });

    raw.send(callMessage(3, "text_of", { length: 17 * 1024 * 1024 }));
    const error = errorOf(await raw.answer(3));
    assertEquals(error.data, { code: "too_large", maxFrameBytes: 16 * 1024 * 1024 });
    assertMatch(error.message, /^The answer has \d+ characters, more than the 16777216 bytes/);
    raw.send(callMessage(4, "add", { a: 1, b: 1 }));
    assertEquals(structured(await raw.answer(4)), { sum: 2 });
  });

  it("gives all of a large answer to a peer that reads slowly and has said all", async (t) => {
    const { raw } = await open(t, { categories: [large] });
    raw.send(callMessage(1, "text_of", { length: 12 * 1024 * 1024 }));
    await raw.stream.close();
    // More than the windows of a stream hold: most of it waits in the server, which closes meanwhile.
    const reading = (): string => raw.stream.readStatus;
    for (let pause = 0; pause < 10 && reading() === "readable"; pause += 1) {
      raw.stream.pause();
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (reading() === "paused") raw.stream.resume();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const { content } = (await raw.answer(1)).result as { content: { text: string }[] };
    assertEquals(content[0]?.text.length, 12 * 1024 * 1024);
    await raw.closed;
  });

  it("ends at a length beyond the limit, while other streams go on", async (t) => {
    const { raw, server } = await open(t);
    const other = await openRawStream(await startRawPeer(t), server.address);
    raw.sendBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await raw.closed;
    other.send(callMessage(1, "add", { a: 1, b: 1 }));
    assertEquals(structured(await other.answer(1)), { sum: 2 });
  });

  it("answers what is no request with what is wrong, and goes on", async (t) => {
    const { raw } = await open(t);
    raw.sendBytes(encodeFrames(["{"]));
    assertEquals(errorOf(await raw.wait(({ id }) => id === null)).code, -32700);
    for (const nonsense of [5, "text", null, [request(1, "tools/list")]]) raw.send(nonsense);
    await raw.ask("after", "tools/list");
    assertEquals(raw.received.filter(({ id }) => id === null).length, 5);
  });

  it("answers every request that has an id, whatever else is wrong with it", async (t) => {
    const { raw } = await open(t);
    await raw.ask("first", "tools/list");
    const list = (id: unknown): object => request(id, "tools/list");
    const wrong: readonly (readonly [id: unknown, message: object, code: number])[] = [
      ["version", { ...list("version"), jsonrpc: "1.0" }, -32600],
      ["params", { ...list("params"), params: 5 }, -32600],
      ["list", { ...list("list"), params: [] }, -32600],
      ["both", { ...list("both"), result: {} }, -32600],
      ["method", { ...list("method"), method: 7 }, -32600],
      ["nothing", { jsonrpc: "2.0", id: "nothing" }, -32600],
      ["envelope", { jsonrpc: "2.0", id: "envelope", method: "tools/list" }, -32602],
      ["unknown", request("unknown", "no/such"), -32601],
      ["", request("", ""), -32601],
      [null, list(1.5), -32600],
      [null, list({}), -32600],
      [null, list(null), -32600],
    ];
    for (const [id, message, code] of wrong) {
      const before = raw.received.length;
      raw.send(message);
      const answer = await raw.wait((one) => raw.received.indexOf(one) >= before);
      assertEquals([answer.id, errorOf(answer).code], [id, code], JSON.stringify(message));
    }
  });

  it("ignores answers that nobody asked for", async (t) => {
    const { raw } = await open(t);
    raw.send({ jsonrpc: "2.0", id: 1, result: {} }, { jsonrpc: "2.0", id: null, error: {} });
    await raw.ask("after", "tools/list");
    assertEquals(raw.received.length, 1);
  });

  it("runs a request once that comes twice", async (t) => {
    const { raw } = await open(t);
    const message = callMessage("same", "add", { a: 1, b: 1 });
    raw.send(message, message);
    await raw.answer("same");
    raw.send(message);
    await raw.ask("other", "tools/list");
    assertEquals(raw.received.filter(({ id }) => id === "same").length, 1);
  });
});

const large = categoryOf("large", [
  defineTool({
    name: "text_of",
    description: "A text of this length",
    input: v.object({ length: v.number() }),
    annotations: { readOnlyHint: true },
    run: ({ length }) => ({ content: [text("x".repeat(length))] }),
  }),
  defineTool({
    name: "length_of",
    description: "The length of a text",
    input: v.object({ text: v.string() }),
    annotations: { readOnlyHint: true },
    run: ({ text }) => ({ length: text.length }),
  }),
]);

describe("the limits of a peer", () => {
  it("let 32 streams be open, tell the 33rd why it is not, and free their places", async (t) => {
    const server = await openMeshApp(t);
    const node = await startRawPeer(t);
    const streams: RawStream[] = [];
    for (let at = 0; at < 32; at += 1) streams.push(await openRawStream(node, server.address));
    for (const raw of streams) await raw.ask(1, "tools/list");

    const refused = await openRawStream(node, server.address);
    const { data } = errorOf(await refused.wait(({ id }) => id === null));
    assertEquals([data.code, data.retryAfterMs], ["queue_full", 1000]);
    await refused.closed;

    await streams[0]?.stream.close();
    await streams[0]?.closed;
    await refused.stream.close();
    const next = await openRawStream(node, server.address);
    await next.ask(1, "tools/list");
  });

  it("turn the 65th request at once away, and take it when there is room", async (t) => {
    const { raw, server } = await open(t);
    for (let at = 0; at < 64; at += 1) raw.send(callMessage(at, "seen", { moment: "now" }));
    raw.send(callMessage("one more", "add", { a: 1, b: 1 }));
    const { data } = errorOf(await raw.answer("one more"));
    assertEquals(data.code, "queue_full");
    assert(Number(data.retryAfterMs) > 0);

    server.fixtures.moments.happened("now");
    await raw.answer(63);
    // The same id again: what was turned away was not answered.
    raw.send(callMessage("one more", "add", { a: 1, b: 1 }));
    await raw.wait(({ id, result }) => id === "one more" && result !== undefined);
  });

  it("turn away what comes too fast over all streams, with the time to wait, also after a return", async (t) => {
    const server = await openMeshApp(t);
    const node = await startRawPeer(t);
    const raw = await openRawStream(node, server.address);
    for (let at = 0; at < 130; at += 1) raw.send(callMessage(at, "add", { a: 1, b: 1 }));
    const { data } = errorOf(
      await raw.wait(
        ({ error }) => error !== undefined && JSON.stringify(error).includes("rate_limited"),
      ),
    );
    assert(Number(data.retryAfterMs) > 0 && Number(data.retryAfterMs) <= 20);
    await node.disconnect(server.peer);

    const back = await openRawStream(node, server.address);
    for (let at = 0; at < 130; at += 1) back.send(callMessage(at, "add", { a: 1, b: 1 }));
    await back.answer(129);
    const served = back.received.filter(({ result }) => result !== undefined).length;
    assert(served < 100, `${served} were served after the return`);
  });

  it("let what comes over the rate of bytes wait, and lose none of it", async (t) => {
    const { raw } = await open(t, {
      config: { peerLimits: { bytesPerSecond: 400_000, requestsPerSecond: 0 } },
      categories: [large],
    });
    const text = "x".repeat(50_000);
    for (let at = 0; at < 20; at += 1) raw.send(callMessage(at, "length_of", { text }));
    await raw.stream.close();
    for (let at = 0; at < 20; at += 1) {
      assertEquals(structured(await raw.answer(at)), { length: 50_000 });
    }
  });

  it("close a stream that nobody uses, and not one that waits for an answer", async (t) => {
    const server = await openMeshApp(t, { config: { peerLimits: { idleMs: 100 } } });
    const node = await startRawPeer(t);
    const [idle, busy] = [
      await openRawStream(node, server.address),
      await openRawStream(node, server.address),
    ];
    busy.send(callMessage(1, "seen", { moment: "now" }));
    await idle.closed;
    server.fixtures.moments.happened("now");
    assertEquals(structured(await busy.answer(1)), { moment: "now" });
    await busy.closed;
  });

  it("are published with what they turned away", async (t) => {
    const { raw, server } = await open(t);
    for (let at = 0; at < 64; at += 1) raw.send(callMessage(at, "seen", { moment: "now" }));
    raw.send(callMessage("one more", "add", { a: 1, b: 1 }));
    await raw.answer("one more");
    server.fixtures.moments.happened("now");
    await raw.answer(63);

    const { peers, limits } = server.peers.metrics({ windowMs: 60_000 });
    assertEquals(limits, defaultPeerLimits);
    assertEquals(
      peers.map(({ served, refused }) => [served, refused]),
      [[64, 1]],
    );
    assert((peers[0]?.bytesIn ?? 0) > 64 * 100 && (peers[0]?.bytesOut ?? 0) > 64 * 50);
  });
});
