import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createAnnouncer, publish } from "../../../src/peers/announcer.ts";
import { judgeRecord } from "../../../src/peers/peer-record.ts";
import type { DiscoverySource } from "../../../src/peers/source.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { anyIdentity } from "../../support/mesh-nodes.ts";
import { anyRecord, START } from "../../support/records.ts";

async function setUp(store = createMemoryStore(), start: number = START) {
  const clock = createFakeClock(start);
  const signer = await anyIdentity();
  const addresses = ["/ip4/192.0.2.7/tcp/1"];
  const announcer = createAnnouncer({
    signer,
    about: () => ({ name: "studio", host: "node", abilities: ["serve"], interfaces: ["cid"] }),
    addresses: () => addresses,
    store,
    clock,
  });
  return { clock, signer, addresses, announcer };
}

describe("an announcer", () => {
  it("signs what the node is and where", async () => {
    const { announcer, signer } = await setUp();

    const { signature: _, ...record } = await announcer.renew();

    assertEquals(record, {
      peer: signer.peer,
      name: "studio",
      host: "node",
      addresses: ["/ip4/192.0.2.7/tcp/1"],
      abilities: ["serve"],
      interfaces: ["cid"],
      sequence: START,
      expiresAt: new Date(START + 30 * 60_000).toISOString(),
    });
    assertEquals((await judgeRecord(announcer.record, START)).fault, undefined);
  });

  it("keeps what it was asked to say", async () => {
    const { announcer } = await setUp();
    await announcer.renew({ abilities: ["gpu"], addresses: ["/dns4/x/tcp/1"], ttlMs: 60_000 });

    const { abilities, addresses, expiresAt } = await announcer.renew();
    assertEquals([abilities, addresses], [["gpu"], ["/dns4/x/tcp/1"]]);
    assertEquals(Date.parse(expiresAt), START + 60_000);
    assertEquals((await announcer.renew({ ttlMs: 90_000 })).abilities, ["gpu"]);
  });

  it("never signs a sequence twice: not at once, not after a restart, not with a clock set back", async () => {
    const store = createMemoryStore();
    const { announcer } = await setUp(store);
    const records = await Promise.all([announcer.renew(), announcer.renew(), announcer.renew()]);
    assertEquals(
      records.map(({ sequence }) => sequence - START),
      [0, 1, 2],
    );

    const { announcer: later } = await setUp(store, START - 1e9);
    assertEquals((await later.renew()).sequence, START + 3);
  });

  it("is due at half of the life, or when the node is elsewhere", async () => {
    const { announcer, clock, addresses } = await setUp();
    assertEquals(announcer.isDue(), true);
    await announcer.renew();
    await clock.advance(15 * 60_000 - 1);
    assertEquals(announcer.isDue(), false);
    await clock.advance(1);
    assertEquals(announcer.isDue(), true);

    await announcer.renew();
    assertEquals(announcer.isDue(), false);
    addresses.push("/ip4/198.51.100.7/tcp/1");
    assertEquals(announcer.isDue(), true);
  });
});

describe("publish()", () => {
  it("tells each registry that takes records, and what became of it", async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const find = async (): Promise<never[]> => [];
    const sources: DiscoverySource[] = [
      { name: "peers", find },
      { name: "github", find, publish: () => Promise.reject(new Error("no token")) },
      { name: "dht", find, publish: () => new Promise(() => {}) },
      { name: "rendezvous", find, publish: async () => {} },
    ];
    const publishing = publish(sources, await anyRecord(), { clock, signal });
    await clock.advance(10_000);

    assertEquals(await publishing, [
      { registry: "github", ok: false, error: "no token" },
      {
        registry: "dht",
        ok: false,
        error: 'The registry "dht" did not take the record within 10000 ms',
      },
      { registry: "rendezvous", ok: true },
    ]);
  });
});
