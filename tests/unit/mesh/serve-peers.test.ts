import { describe, it } from "node:test";
import type { Stream } from "@libp2p/interface";
import { assert, assertEquals } from "@std/assert";
import { encodeFrames } from "../../../src/mesh/framing.ts";
import { createPeerBooks, type PeerBook } from "../../../src/mesh/peer-books.ts";
import type { Write } from "../../../src/mesh/peer-stream.ts";
import { servePeers } from "../../../src/mesh/serve-peers.ts";
import { defaultPeerLimits, type PeerLimits } from "../../../src/registry/peer-limits.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { endOfTurn, FakeStream } from "../../support/fake-stream.ts";

const PEER = "12D3KooWPeer";

type Message = Readonly<Record<string, unknown>>;

interface Scene {
  readonly clock: FakeClock;
  readonly book: PeerBook;
  /** What the engine behind the streams was given. */
  readonly received: unknown[];
  /** Streams whose engine was told that its client is gone. */
  closed: number;
  limits: PeerLimits;
  /** Whether requests are answered at once, or by {@link answer}. */
  answersItself: boolean;
  open(peer?: string): FakeStream;
  answer(id: unknown, result?: object): void;
  stop: () => Promise<void>;
}

async function sceneOf(): Promise<Scene> {
  const clock = createFakeClock();
  const books = createPeerBooks();
  const writers = new Set<Write>();
  let handler: ((stream: Stream, peer: string) => void) | undefined;
  const scene: Scene = {
    clock,
    book: books.of(PEER),
    received: [],
    closed: 0,
    limits: defaultPeerLimits,
    answersItself: true,
    stop: () => Promise.resolve(),
    open(peer = PEER) {
      const stream = new FakeStream();
      handler?.(stream.asStream, peer);
      return stream;
    },
    answer(id, result = {}) {
      for (const write of writers) write(JSON.stringify({ jsonrpc: "2.0", id, result }), id);
    },
  };
  scene.stop = await servePeers({
    node: {
      peer: "12D3KooWSelf",
      async handle(_protocol, serve) {
        handler = serve;
        return async () => {
          handler = undefined;
        };
      },
    },
    limits: () => scene.limits,
    books,
    clock,
    report: (error) => {
      throw error;
    },
    serve(_peer, write) {
      writers.add(write);
      return {
        receive(message) {
          scene.received.push(message);
          const { id, method } = message as Message;
          if (scene.answersItself && id !== undefined && method !== undefined) {
            write(JSON.stringify({ jsonrpc: "2.0", id, result: {} }), id);
          }
        },
        refuse: (message, code) => {
          write(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }));
        },
        drain: () => Promise.resolve(),
        async close() {
          scene.closed += 1;
          writers.delete(write);
        },
      };
    },
  });
  return scene;
}

const request = (id: unknown): object => ({ jsonrpc: "2.0", id, method: "tools/list" });
const requests = (count: number, from = 0): readonly object[] =>
  Array.from({ length: count }, (_, at) => request(from + at));

const codesOf = (messages: readonly Message[]): readonly unknown[] =>
  messages.flatMap(({ error }) => {
    const { data } = (error ?? {}) as { readonly data?: { readonly code?: unknown } };
    return error === undefined ? [] : [data?.code];
  });

describe("serving peers", () => {
  it("lets 32 streams of one peer be open, tells the next why not, and counts no other's", async () => {
    const scene = await sceneOf();
    const streams = Array.from({ length: 32 }, () => scene.open());
    const refused = scene.open();
    assertEquals(codesOf(refused.sent()), ["queue_full"]);
    assertEquals([refused.closes, scene.open("12D3KooWOther").closes], [1, 0]);

    streams[0]?.break();
    assertEquals(scene.open().writes.length, 0);
  });

  it("admits 64 requests at once over all streams of a peer", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const [first, second] = [scene.open(), scene.open()];
    first.arriveMessages(...requests(40));
    second.arriveMessages(...requests(30, 100));
    await endOfTurn();
    assertEquals(codesOf(second.sent()), Array(6).fill("queue_full"));
    assertEquals([scene.received.length, scene.book.refused], [64, 6]);

    scene.answer(0);
    second.arriveMessages(request(129));
    assertEquals(scene.received.length, 65);
    assertEquals(scene.book.served, 1);
  });

  it("counts the requests of a stream that breaks no longer", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const first = scene.open();
    first.arriveMessages(...requests(64));
    first.break();
    assertEquals(scene.closed, 1);
    scene.open().arriveMessages(request(1));
    assertEquals(scene.received.length, 65);
  });

  it("admits a burst of 100 and then 50 a second, and forgets it for no new connection", async () => {
    const scene = await sceneOf();
    const first = scene.open();
    first.arriveMessages(...requests(101));
    await endOfTurn();
    const answers = first.sent();
    assertEquals(codesOf(answers), ["rate_limited"]);
    const { error } = answers.at(-1) as { error: { data: Message } };
    assertEquals(error.data.retryAfterMs, 20);
    first.break();

    const second = scene.open();
    second.arriveMessages(request(1));
    await endOfTurn();
    assertEquals(codesOf(second.sent()), ["rate_limited"]);
    await scene.clock.advance(20);
    second.arriveMessages(request(1));
    assertEquals(scene.received.length, 101);
  });

  it("reads no more from a peer over its rate of bytes, until that is paid", async () => {
    const scene = await sceneOf();
    scene.limits = { ...defaultPeerLimits, bytesPerSecond: 1000 };
    const stream = scene.open();
    const large = { ...request(1), params: { text: "x".repeat(3000) } };
    stream.arriveMessages(large);
    stream.arriveMessages(request(2));
    assertEquals([scene.received.length, stream.readStatus], [1, "paused"]);
    await scene.clock.advance(2000);
    assertEquals(scene.received.length, 1);
    await scene.clock.advance(200);
    assertEquals([scene.received.length, stream.readStatus], [2, "readable"]);
  });

  it("rests from floods of what is no request, be it small", async () => {
    const scene = await sceneOf();
    const stream = scene.open();
    const flood = Array.from({ length: 40_000 }, () => "x");
    stream.arrive(encodeFrames(flood));
    assertEquals(stream.readStatus, "paused");
    await endOfTurn();
    const answered = stream.sent().length;
    assert(answered <= 5 * 4096, String(answered));
    await scene.clock.advance(60_000);
    await endOfTurn();
    assertEquals(answered + stream.sent().length, 40_000);
  });

  it("drops what comes a second time, and takes again what it turned away", async () => {
    const scene = await sceneOf();
    scene.limits = { ...defaultPeerLimits, requestBurst: 1 };
    const stream = scene.open();
    stream.arriveMessages(request("a"), request("a"), request("b"));
    await endOfTurn();
    assertEquals([scene.received.length, codesOf(stream.sent())], [1, ["rate_limited"]]);
    await scene.clock.advance(20);
    stream.arriveMessages(request("b"));
    assertEquals(scene.received.length, 2);
  });

  it("gives the place of a request that was taken back to others, and no answer", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const stream = scene.open();
    stream.arriveMessages(...requests(64));
    stream.arriveMessages({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 3 },
    });
    stream.arriveMessages(request("next"));
    assertEquals(scene.received.length, 66);
  });

  it("closes a stream after 60 s without use, not while a request runs, and cuts it off at last", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const stream = scene.open();
    stream.arriveMessages(request(1));
    await scene.clock.advance(600_000);
    assertEquals(stream.closes, 0);
    scene.answer(1);
    await scene.clock.advance(59_000);
    assertEquals(stream.closes, 0);
    await scene.clock.advance(1_000);
    assertEquals([stream.closes, stream.status], [1, "open"]);

    await scene.clock.advance(60_000);
    assertEquals([stream.status, scene.closed, scene.clock.pending], ["aborted", 1, 0]);
  });

  it("answers a peer that sends nothing more, and then closes", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const stream = scene.open();
    stream.arriveMessages(...requests(2));
    stream.endRemote();
    scene.answer(0);
    await endOfTurn();
    assertEquals(stream.closes, 0);
    scene.answer(1);
    await endOfTurn();
    await endOfTurn();
    assertEquals([stream.sent().length, stream.closes], [2, 1]);
  });

  it("says which answer was too large, and that too many wait, and keeps the stream", async () => {
    const scene = await sceneOf();
    scene.answersItself = false;
    const stream = scene.open();
    stream.arriveMessages(...requests(8));
    const most = "x".repeat(defaultPeerLimits.maxFrameBytes - 100);
    scene.answer(0, { text: `${most}${"x".repeat(100)}` });
    await endOfTurn();
    assertEquals(codesOf(stream.sent()), ["too_large"]);

    stream.room = 1;
    for (const id of [1, 2, 3, 4, 5]) {
      scene.answer(id, { text: most });
      await endOfTurn();
    }
    scene.answer(6);
    stream.drain();
    await endOfTurn();
    const answers = stream.sent();
    assertEquals(codesOf(answers), ["queue_full"]);
    assertEquals(
      answers.map(({ id }) => id),
      [1, 2, 3, 4, 5, 6],
    );
  });

  it("closes all streams when it stops, also of peers that take nothing, and serves no more", async () => {
    const scene = await sceneOf();
    const stream = scene.open();
    const stuck = scene.open();
    stuck.room = 1;
    stuck.arriveMessages(...requests(1));
    await endOfTurn();
    scene.answer("nobody asked", { text: "x".repeat(100_000) });
    await endOfTurn();

    const stopped = scene.stop();
    await scene.clock.advance(1_000);
    await stopped;

    assertEquals([stream.closes, stuck.status], [1, "aborted"]);
    assertEquals(scene.open().writes.length, 0);
  });
});
