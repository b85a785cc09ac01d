import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createBreaker } from "../../../src/concurrency/breaker.ts";
import { DeadlineError, ToolError, UnavailableError } from "../../../src/errors.ts";
import { type ClientPool, createClientPool } from "../../../src/mesh/client-pool.ts";
import type { PeerConnection, PeerEvent } from "../../../src/mesh/mesh-node.ts";
import { createPeerBooks, type PeerBook } from "../../../src/mesh/peer-books.ts";
import { defaultPeerLimits } from "../../../src/registry/peer-limits.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { FakeStream } from "../../support/fake-stream.ts";

const PEER = "12D3KooWPeer";

type Message = Readonly<Record<string, unknown>>;
type Answer = (message: Message) => object | undefined;

/** A peer of the modern era. */
const modern: Answer = ({ method }) => ({
  result:
    method === "server/discover" ? { serverInfo: { name: "studio", version: "2" } } : { method },
});

/** A peer that knows `initialize` only, and nothing before it. */
function legacy(): Answer {
  let isInitialized = false;
  return ({ method }) => {
    if (method === "initialize") isInitialized = true;
    if (isInitialized) return { result: { serverInfo: { name: "old" } } };
    return { error: { code: -32601, message: "Method not found" } };
  };
}

interface Scene {
  readonly pool: ClientPool;
  readonly clock: FakeClock;
  readonly streams: FakeStream[];
  readonly received: Message[];
  readonly book: PeerBook;
  /** Makes what answers on a new stream; throws where none opens. */
  dial: () => Answer;
  /** The connections to the peer. */
  connections: PeerConnection[];
  emit(event: PeerEvent): void;
}

/** Answer what was written to a stream, turn by turn, for as long as anything comes. */
function serve(stream: FakeStream, answer: Answer, received: Message[]): void {
  const send = stream.send.bind(stream);
  stream.send = (bytes) => {
    const isReady = send(bytes);
    queueMicrotask(() => {
      for (const message of stream.sent()) {
        received.push(message);
        const said = message.id === undefined ? undefined : answer(message);
        if (said) stream.arriveMessages({ jsonrpc: "2.0", id: message.id, ...said });
      }
    });
    return isReady;
  };
}

function sceneOf(): Scene {
  const clock = createFakeClock();
  const streams: FakeStream[] = [];
  const received: Message[] = [];
  const listeners = new Set<(event: PeerEvent) => void>();
  const books = createPeerBooks();
  const scene: Scene = {
    clock,
    streams,
    received,
    book: books.of(PEER),
    dial: () => modern,
    connections: [],
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    pool: createClientPool({
      node: {
        async openStream() {
          const stream = new FakeStream();
          serve(stream, scene.dial(), received);
          streams.push(stream);
          return stream.asStream;
        },
        ping: () => Promise.resolve(1),
        connections: () => scene.connections,
        onPeer(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      limits: () => defaultPeerLimits,
      books,
      breaker: () => createBreaker({ failures: 5, openMs: 10_000, clock }),
      clock,
    }),
  };
  return scene;
}

const ask = ({ pool }: Scene, signal?: AbortSignal): Promise<unknown> =>
  pool.request(PEER, "tools/call", { name: "add" }, { signal });

const refuse = (): never => {
  throw new Error("connection refused");
};

const methods = ({ received }: Scene): readonly unknown[] => received.map(({ method }) => method);

describe("a ClientPool", () => {
  it("opens one stream for many calls, and asks once who is there", async () => {
    const scene = sceneOf();
    const together = await Promise.all([ask(scene), ask(scene), ask(scene)]);
    assertEquals(together, Array(3).fill({ method: "tools/call" }));
    for (let at = 0; at < 97; at += 1) await ask(scene);

    assertEquals(scene.streams.length, 1);
    assertEquals(methods(scene).filter((method) => method === "server/discover").length, 1);
    const { calls, reused, dials, dialFailures, inFlight } = scene.book;
    assertEquals(
      { calls, reused, dials, dialFailures, inFlight },
      {
        calls: 100,
        reused: 97,
        dials: 1,
        dialFailures: 0,
        inFlight: 0,
      },
    );
    assertEquals((await scene.pool.server(PEER)).name, "studio");
  });

  it("opens another stream when the first broke, whose calls fail", async () => {
    const scene = sceneOf();
    await ask(scene);
    const [first] = scene.streams;
    const lost = ask(scene);
    first?.break(new Error("reset"));
    await assertRejects(() => lost, UnavailableError, "was lost before it answered: reset");

    assertEquals(await ask(scene), { method: "tools/call" });
    assertEquals([scene.streams.length, scene.book.dials], [2, 2]);
    assertEquals(methods(scene).filter((method) => method === "server/discover").length, 1);
  });

  it("opens another stream when the peer has closed its side", async () => {
    const scene = sceneOf();
    await ask(scene);
    scene.streams[0]?.endRemote();
    assertEquals(await ask(scene), { method: "tools/call" });
    assertEquals(scene.streams.length, 2);
  });

  it("proves of a peer that cannot be dialled that nothing was started", async () => {
    const scene = sceneOf();
    scene.dial = refuse;
    const error = await assertRejects(() => ask(scene), UnavailableError, "connection refused");
    assertEquals(error.data, { peer: PEER, isStarted: false });
    assertEquals([scene.book.dialFailures, scene.book.inFlight], [1, 0]);
  });

  it("counts a dial once, however many calls wait for it", async () => {
    const scene = sceneOf();
    scene.dial = refuse;
    const asked = Array.from({ length: 20 }, () => ask(scene));
    for (const one of asked) await assertRejects(() => one, UnavailableError, "connection refused");
    assertEquals(scene.pool.breakerOf(PEER).state, "closed");
  });

  it("counts a stream that broke once, however many calls it carried", async () => {
    const scene = sceneOf();
    await ask(scene);
    const asked = Array.from({ length: 20 }, () => ask(scene));
    scene.streams[0]?.break(new Error("reset"));
    for (const one of asked) await assertRejects(() => one, UnavailableError, "reset");
    assertEquals(scene.pool.breakerOf(PEER).state, "closed");
  });

  it("leaves a peer alone that could not be reached five times, for ten seconds", async () => {
    const scene = sceneOf();
    scene.dial = refuse;
    for (let at = 0; at < 5; at += 1) await assertRejects(() => ask(scene));
    const error = await assertRejects(() => ask(scene), UnavailableError);
    assertEquals(
      [error.code, error.data],
      ["circuit_open", { peer: PEER, isStarted: false, retryAfterMs: 10_000 }],
    );
    assertEquals(scene.book.dials, 5);

    await scene.clock.advance(10_000);
    scene.dial = () => modern;
    assertEquals(await ask(scene), { method: "tools/call" });
    assertEquals(scene.pool.breakerOf(PEER).state, "closed");
  });

  it("is well with a peer that answers the attempt after a rest with an error", async () => {
    const scene = sceneOf();
    scene.dial = refuse;
    for (let at = 0; at < 5; at += 1) await assertRejects(() => ask(scene));
    await scene.clock.advance(10_000);
    const failing: Answer = (message) =>
      message.method === "tools/call"
        ? { error: { code: -32603, message: "No" } }
        : modern(message);
    scene.dial = () => failing;
    await assertRejects(() => ask(scene), ToolError);
    scene.streams[0]?.endRemote();

    scene.dial = () => modern;
    assertEquals(await ask(scene), { method: "tools/call" });
  });

  it("says nothing against a peer that answers late or with errors", async () => {
    const scene = sceneOf();
    await ask(scene);
    scene.dial = () => () => undefined;
    scene.streams[0]?.endRemote();
    for (let at = 0; at < 6; at += 1) {
      const late = ask(scene);
      late.catch(() => undefined);
      await scene.clock.advance(40_000);
      await assertRejects(() => late, DeadlineError);
    }
    assertEquals(scene.pool.breakerOf(PEER).state, "closed");
  });

  it("closes a stream that nobody used for half of the peer's patience, and not one in use", async () => {
    const scene = sceneOf();
    await ask(scene);
    await scene.clock.advance(defaultPeerLimits.idleMs / 4);
    await ask(scene);
    await scene.clock.advance(defaultPeerLimits.idleMs / 2 - 1);
    assertEquals(scene.streams[0]?.closes, 0);
    await scene.clock.advance(defaultPeerLimits.idleMs / 4);

    assertEquals(scene.streams[0]?.closes, 1);
    assertEquals(scene.clock.pending, 0);
    assertEquals(await ask(scene), { method: "tools/call" });
    assertEquals(scene.streams.length, 2);
  });

  it("speaks the old way to a peer that does not know the new one, on each stream anew", async () => {
    const scene = sceneOf();
    scene.dial = legacy;
    await ask(scene);
    assertEquals(scene.streams[0]?.closes, 1);
    assertEquals(methods(scene), [
      "server/discover",
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
    const call = scene.received.at(-1)?.params as { readonly _meta: object };
    assertEquals(call._meta, {});

    scene.streams[1]?.endRemote();
    await ask(scene);
    assertEquals(methods(scene).slice(4), [
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
    assertEquals((await scene.pool.server(PEER)).era, "legacy");
  });

  it("uses no stream on which a peer of the old era refused to begin", async () => {
    const scene = sceneOf();
    scene.dial = legacy;
    await ask(scene);
    scene.streams.at(-1)?.endRemote();
    scene.dial = () => () => ({ error: { code: -32603, message: "not now" } });
    const error = await assertRejects(() => ask(scene), UnavailableError, "not now");
    assertEquals(error.data.isStarted, false);
    assertEquals(scene.streams.at(-1)?.status, "aborted");

    scene.dial = legacy;
    await ask(scene);
    assertEquals(scene.received.at(-1)?.method, "tools/call");
  });

  it("asks a peer that comes back again who it is", async () => {
    const scene = sceneOf();
    await ask(scene);
    scene.streams[0]?.break();
    scene.emit({ type: "disconnected", peer: PEER });
    await ask(scene);
    assertEquals(methods(scene).filter((method) => method === "server/discover").length, 2);
  });

  it("lets a caller go who waits for a stream, and the others have it", async () => {
    const scene = sceneOf();
    const controller = new AbortController();
    const impatient = ask(scene, controller.signal);
    const patient = ask(scene);
    controller.abort(new Error("no time"));
    await assertRejects(() => impatient, Error, "no time");
    assertEquals(await patient, { method: "tools/call" });
  });

  it("opens nothing once it is closed, and ends what was open", async () => {
    const scene = sceneOf();
    await ask(scene);
    scene.dial = () => () => undefined;
    await scene.pool.close();

    assertEquals(scene.streams[0]?.closes, 1);
    const error = await assertRejects(() => ask(scene), UnavailableError, "has left the mesh");
    assertEquals(error.data.isStarted, false);
    assert(scene.clock.pending === 0);
  });

  it("leaves a relay as soon as there is a direct way", async () => {
    const scene = sceneOf();
    scene.connections = [connection({ isRelayed: true })];
    await scene.pool.request(PEER, "a", {});
    await scene.pool.request(PEER, "b", {});
    assertEquals(scene.streams.length, 1);

    scene.connections = [connection({ isRelayed: false }), connection({ isRelayed: true })];
    await scene.pool.request(PEER, "c", {});
    await scene.pool.request(PEER, "d", {});

    assertEquals(scene.streams.length, 2);
    assertEquals(scene.streams[0]?.closes, 1);
  });
});

function connection({ isRelayed }: { readonly isRelayed: boolean }): PeerConnection {
  return {
    ...{ id: "1", peer: PEER, address: "/memory/a", isRelayed, streams: 1, openedAt: 0 },
    ...{ transport: isRelayed ? "relay" : "webrtc", direction: "outbound" },
  };
}
