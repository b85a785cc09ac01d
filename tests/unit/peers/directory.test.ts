import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Directory, openDirectory } from "../../../src/peers/directory.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createNamespace } from "../../../src/storage/namespace.ts";
import type { Store } from "../../../src/storage/store.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { anyIdentity } from "../../support/mesh-nodes.ts";
import { anyRecord, START } from "../../support/records.ts";

interface Scene {
  readonly directory: Directory;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly reports: unknown[];
  dropped(): Record<string, number>;
}

async function open(
  options: { store?: Store; self?: string; maxPeers?: number } = {},
): Promise<Scene> {
  const { store = createMemoryStore(), self = "nobody", maxPeers = 100 } = options;
  const clock = createFakeClock(START);
  const metrics = createMetrics();
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const directory = await openDirectory({ store, clock, metrics, self, maxPeers, report });
  const dropped = (): Record<string, number> =>
    Object.fromEntries(
      metrics
        .snapshot("mcpp_peer_records_dropped_total")
        .map(({ labels, value }) => [labels.reason ?? "", value]),
    );
  return { directory, clock, store, reports, dropped };
}

const anyPeer = async (): Promise<string> => (await anyIdentity()).peer;
const address = (port: number): string => `/ip4/192.0.2.7/tcp/${port}`;

describe("the directory", () => {
  it("takes the newest record of a peer, and counts replays", async () => {
    const { directory, dropped } = await open();
    const identity = await anyIdentity();
    const first = await anyRecord({ sequence: 5, name: "first" }, identity);
    const second = await anyRecord({ sequence: 6, name: "second" }, identity);
    const other = await anyRecord({ sequence: 6, name: "forked" }, identity);

    const outcomes = [];
    for (const record of [first, second, second, first, other]) {
      const { isNew, fault } = await directory.accept(record, "peers");
      outcomes.push(fault ?? isNew);
    }

    assertEquals(outcomes, [true, true, false, "replayed", "replayed"]);
    assertEquals(directory.get(identity.peer)?.record?.name, "second");
    assertEquals(dropped(), { replayed: 2 });
  });

  it("takes a record once that two sources bring at the same time", async () => {
    const { directory, dropped } = await open();
    const record = await anyRecord();

    const taken = await Promise.all([
      directory.accept(record, "peers"),
      directory.accept({ ...record }, "rendezvous"),
    ]);

    assertEquals(
      taken.map(({ fault, isNew }) => fault ?? isNew),
      [true, false],
    );
    assertEquals(dropped(), {});
  });

  it("counts what it does not believe by reason", async () => {
    const { directory, dropped, clock } = await open();
    const record = await anyRecord();
    await directory.accept({ ...record, name: "forged" }, "github");
    await directory.accept({ ...record, signature: "" }, "github");
    await directory.accept("nonsense", "github");
    await clock.advance(3_600_000);
    await directory.accept(record, "github");

    assertEquals(dropped(), { foreign_key: 1, unsigned: 1, malformed: 1, expired: 1 });
    assertEquals(directory.size, 0);
  });

  it("merges addresses of all sources, without those of others", async () => {
    const { directory } = await open();
    const identity = await anyIdentity();
    const { peer } = identity;
    directory.sight({ peer, addresses: [address(1), `${address(2)}/p2p/${peer}`] }, "file");
    directory.sight(
      { peer, addresses: [address(1), `${address(3)}/p2p/${await anyPeer()}`] },
      "dht",
    );
    directory.sight({ peer, addresses: ["not an address"] }, "github");
    await directory.accept(await anyRecord({ addresses: [address(9)] }, identity), "peers");

    const known = directory.get(peer);
    assertEquals(known?.source, "file");
    assertEquals(
      known?.addresses,
      [9, 1, 2].map((port) => `${address(port)}/p2p/${peer}`),
    );
  });

  it("holds no peer under a name that is no id, and not itself", async () => {
    const self = await anyPeer();
    const { directory } = await open({ self });
    directory.sight({ peer: self, addresses: [address(1)] }, "dht");
    directory.sight({ peer: "../../etc", addresses: [address(1)] }, "github");

    assertEquals(directory.list(), []);
  });

  it("does not believe that somebody was seen in the future", async () => {
    const { directory } = await open();
    const peer = await anyPeer();
    directory.sight({ peer, addresses: [address(1)], lastSeen: START + 1e9 }, "github");

    assertEquals(directory.get(peer)?.lastSeen, START);
  });

  it("is there again after a restart, and writes what changes within a second at once", async () => {
    const store = createMemoryStore();
    const { directory, clock } = await open({ store });
    const record = await anyRecord();
    await directory.accept(record, "mdns");
    directory.reached(record.peer, address(7));
    directory.measured(record.peer, 1.5);
    assertEquals(await store.get(record.peer), undefined);
    await clock.advance(1000);
    assert(await store.get(record.peer));

    const again = await open({ store });
    assertEquals(again.directory.list(), directory.list());
    assertEquals(again.directory.get(record.peer)?.wasReached, true);
    assertEquals(again.directory.get(record.peer)?.rttMs, 1.5);
  });

  it("forgets entries that it cannot read", async () => {
    const store = createMemoryStore();
    await store.write([{ key: "x", value: new TextEncoder().encode('{"peer":1') }]);
    const { directory } = await open({ store });
    await directory.close();

    assertEquals(directory.size, 0);
    assertEquals(await store.get("x"), undefined);
  });

  it("tells when it could not be written, and tries again with the next change", async () => {
    const store = createMemoryStore();
    let isFull = true;
    const write = (...args: Parameters<Store["write"]>): Promise<void> =>
      isFull ? Promise.reject(new Error("disk full")) : store.write(...args);
    const { directory, clock, reports } = await open({
      store: { ...createNamespace(store, ""), write },
    });
    const peer = await anyPeer();
    directory.sight({ peer, addresses: [address(1)] }, "dht");
    await clock.advance(1000);
    assertEquals(reports.length, 1);

    isFull = false;
    directory.reached(await anyPeer());
    await directory.close();
    assert(await store.get(peer), "what was not written is written later");
  });

  it("lets the least recently seen go that was never reached", async () => {
    const { directory, clock } = await open({ maxPeers: 3 });
    const [reached, idle, fresh, newest] = await Promise.all([
      anyPeer(),
      anyPeer(),
      anyPeer(),
      anyPeer(),
    ]);
    for (const peer of [reached, idle, fresh]) {
      directory.sight({ peer, addresses: [address(1)] }, "dht");
      if (peer === reached) directory.reached(peer);
      await clock.advance(10);
    }
    directory.sight({ peer: newest, addresses: [address(1)] }, "dht");

    assertEquals(
      new Set(directory.list().map(({ peer }) => peer)),
      new Set([reached, fresh, newest]),
    );
  });

  it("sweeps those that were not heard of, but for those to keep", async () => {
    const { directory, clock } = await open();
    const [old, kept, fresh] = await Promise.all([anyPeer(), anyPeer(), anyPeer()]);
    for (const peer of [old, kept]) directory.sight({ peer, addresses: [address(1)] }, "dht");
    await clock.advance(5000);
    directory.sight({ peer: fresh, addresses: [address(1)] }, "dht");
    const options = { olderThanMs: 1000, keep: (peer: string) => peer === kept };

    assertEquals(directory.sweep({ ...options, isDryRun: true }), [old]);
    assertEquals(directory.size, 3);
    assertEquals(directory.sweep({ ...options, isDryRun: false }), [old]);
    assertEquals(directory.size, 2);
  });

  it("hands out records that have not ended, the latest first", async () => {
    const { directory, clock } = await open();
    const short = await anyRecord({ expiresAt: new Date(START + 1000).toISOString() });
    const long = await anyRecord();
    const last = await anyRecord();
    for (const record of [long, last, short]) await directory.accept(record, "peers");

    assertEquals(
      directory.records(2).map(({ peer }) => peer),
      [short.peer, last.peer],
    );
    await clock.advance(1000);
    assertEquals(
      directory.records(5).map(({ peer }) => peer),
      [last.peer, long.peer],
    );
  });
});
