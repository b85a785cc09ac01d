import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DeadlineError, InputError, ToolError, UnavailableError } from "../../../src/errors.ts";
import { createPeerClient, type PeerClient } from "../../../src/mesh/peer-client.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { endOfTurn, FakeStream } from "../../support/fake-stream.ts";

const PEER = "12D3KooWPeer";

interface Scene {
  readonly stream: FakeStream;
  readonly client: PeerClient;
  readonly clock: FakeClock;
  pings: number;
  /** What a ping does; the peer answers unless told otherwise. */
  ping: (signal: AbortSignal) => Promise<unknown>;
}

function sceneOf(maxFrameBytes = 16 * 1024 * 1024): Scene {
  const stream = new FakeStream();
  const clock = createFakeClock();
  const scene: Scene = {
    stream,
    clock,
    pings: 0,
    ping: () => Promise.resolve(1),
    client: createPeerClient(stream.asStream, {
      peer: PEER,
      clock,
      maxFrameBytes,
      requestMs: () => 30_000,
      ping(signal) {
        scene.pings += 1;
        return scene.ping(signal);
      },
      book: { bytesIn: 0, bytesOut: 0 },
    }),
  };
  return scene;
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const answer = (id: unknown, result: object = { ok: true }): object => ({
  jsonrpc: "2.0",
  id,
  result,
});

/** Ask, and give back the promise with what was written. */
async function ask(
  { client, stream }: Scene,
  options: Parameters<PeerClient["request"]>[2] = {},
): Promise<{
  readonly promise: Promise<unknown>;
  readonly sent: Readonly<Record<string, unknown>>;
}> {
  const promise = client.request("tools/call", { name: "add" }, options);
  promise.catch(() => undefined);
  await endOfTurn();
  const [sent = {}] = stream.sent();
  return { promise, sent };
}

describe("a PeerClient", () => {
  it("asks in the modern way, with its envelope in every request", async () => {
    const { sent } = await ask(sceneOf(), {
      client: { elicitation: {} },
      traceparent: "00-a-b-01",
    });
    assertEquals([sent.jsonrpc, sent.id, sent.method], ["2.0", 1, "tools/call"]);
    const { _meta: meta, ...params } = sent.params as { _meta?: Record<string, unknown> };
    assertEquals(params, { name: "add" });
    assertEquals(meta?.["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assertEquals(meta?.["io.modelcontextprotocol/clientCapabilities"], { elicitation: {} });
    assertEquals(meta?.traceparent, "00-a-b-01");
    assertEquals("progressToken" in (meta ?? {}), false);
  });

  it("matches answers to questions, whatever their order", async () => {
    const { client, stream } = sceneOf();
    const asked = [1, 2, 3].map((at) => client.request("x", { at }));
    stream.arriveMessages(answer(3, { at: 3 }), answer(1, { at: 1 }));
    stream.arriveMessages(answer(2, { at: 2 }));

    assertEquals(await Promise.all(asked), [{ at: 1 }, { at: 2 }, { at: 3 }]);
    assertEquals(client.inFlight, 0);
  });

  it("drops answers that nobody waits for, and all but the first to a question", async () => {
    const { client, stream } = sceneOf();
    const asked = client.request("x", {});
    stream.arriveMessages(
      answer(7),
      answer("1"),
      answer(null),
      { method: "x" },
      5,
      [answer(1)],
      null,
    );
    assertEquals(client.inFlight, 1);
    stream.arriveMessages(answer(1, { first: true }), answer(1, { second: true }));

    assertEquals(await asked, { first: true });
    assert(client.isOpen);
  });

  it("gives a peer's errors their families, and says who answered", async () => {
    const scene = sceneOf();
    const failing = async (error: object): Promise<Error> => {
      const { promise, sent } = await ask(scene);
      scene.stream.arriveMessages({ jsonrpc: "2.0", id: sent.id, error });
      return promise.then(
        () => new Error("it was answered"),
        (thrown: Error) => thrown,
      );
    };

    const unknown = await failing({ code: -32602, message: "No", data: { code: "unknown_tool" } });
    assert(unknown instanceof InputError);
    assertEquals(unknown.data, { code: "unknown_tool", peer: PEER });
    const foreign = await failing({ code: -32601, message: "Method not found" });
    assert(foreign instanceof ToolError);
    assertMatch(foreign.message, /12D3KooWPeer answered with an error: Method not found/);
    assertEquals(foreign.data, { peer: PEER, rpc: { code: -32601 } });
  });

  it("knows that what was turned away was not started, and believes no peer who says so itself", async () => {
    const scene = sceneOf();
    const dataOf = async (data: object): Promise<unknown> => {
      const { promise, sent } = await ask(scene);
      const error = { code: -32603, message: "No", data };
      scene.stream.arriveMessages({ jsonrpc: "2.0", id: sent.id, error });
      return promise.catch((thrown: InputError) => thrown.data.isStarted);
    };
    assertEquals(await dataOf({ code: "rate_limited", retryAfterMs: 20 }), false);
    assertEquals(await dataOf({ code: "queue_full" }), false);
    assertEquals(await dataOf({ code: "peer_unreachable", isStarted: false }), undefined);
  });

  it("tells progress, which begins the time for the answer again", async () => {
    const scene = sceneOf();
    const told: unknown[] = [];
    const { promise, sent } = await ask(scene, { progress: (...progress) => told.push(progress) });
    const { progressToken } = (sent.params as { _meta: Record<string, unknown> })._meta;
    const params = { progressToken, progress: 1, total: 2, message: "half" };
    for (let at = 0; at < 3; at += 1) {
      await scene.clock.advance(29_000);
      scene.stream.arriveMessages({ jsonrpc: "2.0", method: "notifications/progress", params });
    }
    assertEquals(told.length, 3);
    assertEquals(told[0], [1, 2, "half"]);
    assertEquals(scene.client.inFlight, 1);

    await scene.clock.advance(30_000);
    await assertRejects(() => promise, DeadlineError);
  });

  it("gives up after 30 s on a peer that is there, and takes the request back", async () => {
    const scene = sceneOf();
    const { promise } = await ask(scene);
    await scene.clock.advance(29_999);
    assertEquals(scene.client.inFlight, 1);
    await scene.clock.advance(1);

    const error = await assertRejects(
      () => promise,
      DeadlineError,
      "within 30000 ms; it is connected",
    );
    assertEquals([error.code, error.data], ["deadline_exceeded", { peer: PEER }]);
    assert(scene.pings > 0);
    await endOfTurn();
    assertEquals(scene.stream.sent()[0]?.method, "notifications/cancelled");
    assert(scene.client.isOpen);
  });

  it("fails all requests of a peer that answers no ping, well within their time", async () => {
    const scene = sceneOf();
    scene.ping = never;
    const asked = [await ask(scene), await ask(scene)];
    await scene.clock.advance(15_000);

    for (const { promise } of asked) {
      const error = await assertRejects(() => promise, UnavailableError, "does not answer pings");
      assertEquals([error.code, error.data], ["peer_unreachable", { peer: PEER }]);
    }
    assert(!scene.client.isOpen);
    assertEquals(scene.clock.pending, 0);
  });

  it("pings nobody while answers come", async () => {
    const scene = sceneOf();
    await ask(scene);
    for (let at = 0; at < 8; at += 1) {
      const { sent } = await ask(scene);
      await scene.clock.advance(3_000);
      scene.stream.arriveMessages(answer(sent.id));
    }
    assertEquals(scene.pings, 0);
  });

  it("takes a request back when its caller gives up, and drops the answer", async () => {
    const scene = sceneOf();
    const controller = new AbortController();
    const { promise, sent } = await ask(scene, { signal: controller.signal });
    controller.abort(new Error("changed my mind"));

    await assertRejects(() => promise, Error, "changed my mind");
    await endOfTurn();
    const [{ method, params } = {}] = scene.stream.sent();
    assertEquals(method, "notifications/cancelled");
    assertEquals(params, { requestId: sent.id, reason: "changed my mind" });
    scene.stream.arriveMessages(answer(sent.id));
    assert(scene.client.isOpen);
  });

  it("sends nothing for a caller who has given up before", async () => {
    const { client, stream } = sceneOf();
    const signal = AbortSignal.abort(new Error("too late"));
    await assertRejects(() => client.request("x", {}, { signal }), Error, "too late");
    await endOfTurn();
    assertEquals(stream.writes.length, 0);
  });

  it("fails all requests when the stream breaks or the peer ends it", async () => {
    for (const end of ["break", "endRemote"] as const) {
      const scene = sceneOf();
      const asked = [await ask(scene), await ask(scene)];
      scene.stream[end]();
      for (const { promise } of asked) {
        const error = await assertRejects(() => promise, UnavailableError);
        assertEquals([error.code, error.data], ["peer_unreachable", { peer: PEER }]);
      }
      assertEquals(
        [scene.client.isOpen, scene.client.inFlight, scene.clock.pending],
        [false, 0, 0],
      );
    }
  });

  it("passes on why the peer ended the stream, where it said so", async () => {
    const scene = sceneOf();
    const { promise } = await ask(scene);
    const error = { code: -32603, message: "32 streams are enough", data: { code: "queue_full" } };
    scene.stream.arriveMessages({ jsonrpc: "2.0", id: null, error });
    scene.stream.endRemote();
    await assertRejects(() => promise, UnavailableError, "32 streams are enough");
  });

  it("proves that a request on a closed stream was never sent", async () => {
    const scene = sceneOf();
    scene.stream.break();
    const error = await assertRejects(() => scene.client.request("x", {}), UnavailableError);
    assertEquals(error.data, { peer: PEER, isStarted: false });
  });

  it("refuses what no message can hold, and leaves the other requests alone", async () => {
    const scene = sceneOf(1024);
    const { promise, sent } = await ask(scene);
    const large = scene.client.request("tools/call", { text: "é".repeat(1000) });

    const error = await assertRejects(() => large, InputError, "more than the 1024 bytes");
    assertEquals([error.code, error.data.isStarted], ["body_too_large", false]);
    scene.stream.arriveMessages(answer(sent.id, { fine: true }));
    assertEquals(await promise, { fine: true });
  });

  it("trusts no peer whose messages are no JSON", async () => {
    const scene = sceneOf();
    const { promise } = await ask(scene);
    scene.stream.arrive(Uint8Array.of(0, 0, 0, 1, 123));
    await assertRejects(() => promise, UnavailableError, "is not JSON");
  });

  it("closes at once, even where the peer takes nothing", async () => {
    const scene = sceneOf();
    scene.stream.room = 1;
    const large = scene.client.request("x", { text: "x".repeat(300_000) });
    await endOfTurn();
    const closed = scene.client.close();

    await assertRejects(() => large, UnavailableError, "this node closed the stream");
    await closed;
    assertEquals(scene.clock.pending, 0);
  });

  it("gives up closing to a peer that is gone without a word", async () => {
    const scene = sceneOf();
    scene.stream.close = () => new Promise(() => undefined);

    const closing = scene.client.close();
    await scene.clock.advance(1_000);

    await closing;
    assertEquals(scene.stream.abortedWith?.message, "this node closed the stream");
  });
});
