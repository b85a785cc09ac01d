import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { PeerConnection } from "../../../src/mesh/mesh-node.ts";
import { createPeerBooks } from "../../../src/mesh/peer-books.ts";
import { openDirectory } from "../../../src/peers/directory.ts";
import { connectionInfo, peerInfo, peerMetrics } from "../../../src/peers/views.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { anyRecord, START } from "../../support/records.ts";

async function setUp() {
  const clock = createFakeClock(START);
  const directory = await openDirectory({
    store: createMemoryStore(),
    clock,
    metrics: createMetrics(),
    self: "self",
    report: () => {},
  });
  const record = await anyRecord({ abilities: ["gpu"] });
  await directory.accept(record, "dht");
  const { peer } = record;
  const connections: PeerConnection[] = [];
  const books = createPeerBooks();
  const needs = {
    node: {
      connections: (of?: string) =>
        connections.filter((one) => of === undefined || one.peer === of),
      protocolsOf: async () => ["/ping"],
    },
    directory,
    books,
    breakerOf: () => ({ state: "half-open" }) as const,
    toolsOf: () => 3,
    clock,
  };
  const connect = (): PeerConnection => {
    const connection: PeerConnection = {
      id: "1",
      peer,
      address: "/ip4/192.0.2.7/tcp/4001",
      transport: "tcp",
      direction: "inbound",
      isRelayed: false,
      streams: 2,
      openedAt: START,
      rttMs: 1.23456,
    };
    connections.push(connection);
    return connection;
  };
  const shown = () => {
    const known = directory.get(peer);
    if (!known) throw new Error("The peer is not known");
    return peerInfo(needs, known);
  };
  return { needs, clock, peer, books, connect, shown };
}

describe("a peer as tools show it", () => {
  it("is what its record says, and how old that is", async () => {
    const { shown, clock, peer } = await setUp();
    await clock.advance(5000);

    assertEquals(shown(), {
      peer,
      name: "studio",
      host: "node",
      addresses: [`/ip4/192.0.2.7/tcp/4001/p2p/${peer}`],
      abilities: ["gpu"],
      source: "dht",
      isConnected: false,
      tools: 3,
      lastSeen: "2026-01-01T00:00:00.000Z",
      ageMs: 5000,
      expiresAt: "2026-01-01T00:30:00.000Z",
    });
  });

  it("is seen now while it is connected", async () => {
    const { shown, clock, connect, books, peer } = await setUp();
    connect();
    books.of(peer).inFlight = 2;
    await clock.advance(5000);

    const { isConnected, via, isRelayed, rttMs, load, ageMs } = shown();
    assertEquals(
      [isConnected, via, isRelayed, rttMs, load, ageMs],
      [true, "tcp", false, 1.235, 2, 0],
    );
  });

  it("can do nothing more when its record has ended", async () => {
    const { shown, clock, needs, connect } = await setUp();
    await clock.advance(30 * 60_000);

    assertEquals([shown().name, shown().abilities], ["studio", []]);
    assertEquals((await connectionInfo(needs, connect())).abilities, []);
  });
});

describe("a connection as tools show it", () => {
  it("has the name, age and bytes of its peer", async () => {
    const { needs, clock, connect, books, peer } = await setUp();
    Object.assign(books.of(peer), { bytesIn: 10, bytesOut: 20 });
    await clock.advance(7000);

    assertEquals(await connectionInfo(needs, connect()), {
      peer,
      name: "studio",
      address: "/ip4/192.0.2.7/tcp/4001",
      transport: "tcp",
      direction: "inbound",
      isRelayed: false,
      streams: 2,
      bytesIn: 10,
      bytesOut: 20,
      rttMs: 1.235,
      ageMs: 7000,
      protocols: ["/ping"],
      abilities: ["gpu"],
    });
  });
});

describe("the metrics of a peer", () => {
  it("are of the window where they are times, and of all time where they are sums", async () => {
    const { needs, books, peer, clock } = await setUp();
    const book = books.of(peer);
    Object.assign(book, { calls: 4, reused: 3, dials: 2, dialFailures: 1, served: 5, refused: 1 });
    book.ended(0, 100, true);
    await clock.advance(60_000);
    book.ended(60_000, 5, false);

    const { calls, errors, p50Ms, reuseRatio, dials, dialFailures, served, refused, breaker } =
      peerMetrics(needs, peer, 1000);
    assertEquals([calls, errors, p50Ms], [1, 0, 5]);
    assertEquals([reuseRatio, dials, dialFailures, served, refused], [0.75, 2, 1, 5, 1]);
    assertEquals(breaker, "half-open");
  });
});
