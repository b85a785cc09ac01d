import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError, UnavailableError } from "../../../../src/errors.ts";
import type { PeerInfo, Peers, SignedRecord } from "../../../../src/registry/peers.ts";
import { tools } from "../../../../tools/peer/mod.ts";
import { createFakePeers, peerInfo } from "../../../support/fake-peers.ts";
import { eventually, type Member, namesKnownTo, startMember } from "../../../support/members.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

type Call = (name: string, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;

async function callerOf(t: Cleanup, peers: Peers): Promise<Call> {
  const { run } = await createToolScene(t, { peers });
  return async (name, input = {}) => {
    const tool = tools.find((one) => one.name === `p2p_peer_${name}`);
    if (!tool) throw new Error(`There is no ${name}`);
    return (await run(tool, input)) as Record<string, unknown>;
  };
}

/** Two members that know each other, and the tools of the second. */
async function setUp(t: Cleanup) {
  const hub: Member = await startMember(t, "hub", { abilities: ["gpu"] });
  const own: Member = await startMember(t, "own", { bootstrap: [hub.address] });
  await eventually(
    "they know each other",
    () => namesKnownTo(own).includes("hub") && namesKnownTo(hub).includes("own"),
  );
  return { hub, own, call: await callerOf(t, own.peers) };
}

describe("the tools of peers", () => {
  it("register this server anew, and its neighbours know at once", async (t) => {
    const { hub, own, call } = await setUp(t);

    const { record, published } = await call("register", { abilities: ["render"], ttlMs: 60_000 });

    assertEquals([(record as SignedRecord).peer, published], [own.node.peer, []]);
    await eventually("the hub knows the ability", () =>
      hub.peers.known().some(({ abilities }) => abilities.includes("render")),
    );
  });

  it("say which registries could not be told", async (t) => {
    const { call } = await setUp(t);

    const { published } = await call("register", { registries: ["github", "dht"] });
    const told = published as { registry: string; ok: boolean; error?: string }[];

    assertEquals(
      told.map(({ registry, ok }) => [registry, ok]),
      [
        ["github", false],
        ["dht", false],
      ],
    );
    assert(
      told.every(({ error }) => error?.includes("is off")),
      JSON.stringify(told),
    );
  });

  it("discover by ability", async (t) => {
    const { hub, call } = await setUp(t);

    const { peers } = await call("discover", { ability: "gpu", sources: ["peers"] });
    assertEquals(
      (peers as PeerInfo[]).map(({ peer }) => peer),
      [hub.node.peer],
    );
    assertEquals((await call("discover", { ability: "none" })).peers, []);
  });

  it("connect, show connections, and disconnect", async (t) => {
    const { hub, own, call } = await setUp(t);
    const other = await startMember(t, "other");

    const connection = await call("connect", { peer: other.address });
    assertEquals(
      [connection.peer, connection.transport, connection.direction, connection.isRelayed],
      [other.node.peer, "memory", "outbound", false],
    );
    assert((connection.protocols as string[]).includes("/mcp+p2p/peers/1.0.0"));
    const { connections } = (await call("list_connected")) as { connections: { peer: string }[] };
    assertEquals(
      new Set(connections.map(({ peer }) => peer)),
      new Set([hub.node.peer, other.node.peer]),
    );

    const peer = other.node.peer;
    assertEquals(await call("disconnect", { peer, reason: "test" }), { peer, wasConnected: true });
    assertEquals(await call("disconnect", { peer }), { peer, wasConnected: false });
    assertEquals(own.node.connections(peer), []);
  });

  it("connect by an id whose addresses are known", async (t) => {
    const { hub, own, call } = await setUp(t);
    await own.node.disconnect(hub.node.peer);

    assertEquals((await call("connect", { peer: hub.node.peer })).peer, hub.node.peer);
  });

  it("name what is wrong with an address, and who cannot be reached", async (t) => {
    const { own, call } = await setUp(t);

    await assertRejects(
      () => call("connect", { peer: "/ip4/999.0.0.1/tcp/1" }),
      InputError,
      "multiaddr",
    );
    await assertRejects(() => call("connect", { peer: "somebody" }), InputError, "somebody");
    await assertRejects(() => call("connect", { peer: own.node.peer }), InputError, "itself");
    await assertRejects(
      () => call("connect", { peer: "/memory/nobody-is-here" }),
      UnavailableError,
    );
  });

  it("bootstrap: all given addresses, with reasons for those that failed", async (t) => {
    const { call } = await setUp(t);
    const other = await startMember(t, "other");

    const outcome = (await call("bootstrap", {
      addresses: [other.address, "/memory/nobody", "nonsense"],
      minConnections: 2,
    })) as { connected: unknown[]; failed: { address: string; reason: string }[]; ready: boolean };

    assertEquals(outcome.connected, [{ peer: other.node.peer, address: other.address }]);
    assertEquals(outcome.failed.map(({ address }) => address).sort(), [
      "/memory/nobody",
      "nonsense",
    ]);
    assert(outcome.failed.every(({ reason }) => reason.length > 10));
    assertEquals(outcome.ready, true);
  });

  it("bootstrap: from whom they know, and say when that is not enough", async (t) => {
    const { hub, own, call } = await setUp(t);
    await own.node.disconnect(hub.node.peer);

    const first = await call("bootstrap", { minConnections: 1 });
    assertEquals([(first.connected as unknown[]).length > 0, first.ready], [true, true]);
    assertEquals((await call("bootstrap", { minConnections: 5 })).ready, false);
  });

  it("clean up only what is stale and not connected", async (t) => {
    const { hub, own, call } = await setUp(t);
    const gone = await startMember(t, "gone");
    await call("connect", { peer: gone.address });
    await gone.node.stop();
    await eventually("it is gone", () => own.node.connections(gone.node.peer).length === 0);

    assertEquals(await call("cleanup", { olderThanMs: 60_000 }), { removed: [], kept: 2 });
    await eventually("it is stale", () => own.peers.known().some(({ ageMs }) => ageMs > 5));
    const dry = await call("cleanup", { olderThanMs: 0, dryRun: true });
    assertEquals(dry, { removed: [gone.node.peer], kept: 1 });
    assertEquals(await call("cleanup", { olderThanMs: 0 }), dry);
    assertEquals(
      own.peers.known().map(({ peer }) => peer),
      [hub.node.peer],
    );
  });

  it("count calls and dials, and publish the limits", async (t) => {
    const { hub, call } = await setUp(t);

    const { peers, limits } = (await call("metrics", { peer: hub.node.peer })) as {
      peers: { dials: number; dialFailures: number; breaker: string; calls: number }[];
      limits: { requestsPerPeer: number };
    };
    assertEquals([peers[0]?.dials, peers[0]?.dialFailures, peers[0]?.breaker], [1, 0, "closed"]);
    assertEquals([peers[0]?.calls, limits.requestsPerPeer], [0, 64]);
  });
});

describe("p2p_peer_list", () => {
  const known = [
    peerInfo({ peer: "a", lastSeen: "2026-01-01T00:00:01.000Z", rttMs: 9, abilities: ["gpu"] }),
    peerInfo({ peer: "b", isConnected: true, rttMs: 1, load: 3 }),
    peerInfo({ peer: "c", lastSeen: "2026-01-01T00:00:02.000Z", load: 1 }),
    peerInfo({ peer: "d", isConnected: true }),
  ];
  const listing = async (t: Cleanup) => {
    const call = await callerOf(t, createFakePeers({ peers: known }));
    const names = async (input: Record<string, unknown>): Promise<string> => {
      const { peers } = (await call("list", input)) as { peers: PeerInfo[] };
      return peers.map(({ peer }) => peer).join("");
    };
    return { call, names };
  };

  it("has connected peers first, then the latest seen", async (t) => {
    const { names } = await listing(t);
    assertEquals(await names({}), "bdca");
    assertEquals(await names({ sortBy: "rtt" }), "bacd");
    assertEquals(await names({ sortBy: "load" }), "cbad");
  });

  it("has those that are asked for", async (t) => {
    const { names } = await listing(t);
    assertEquals(await names({ connected: true }), "bd");
    assertEquals(await names({ connected: false }), "ca");
    assertEquals(await names({ ability: "gpu" }), "a");
  });

  for (const sortBy of ["lastSeen", "rtt", "load"]) {
    it(`goes on where a page ended, by ${sortBy}`, async (t) => {
      const { call, names } = await listing(t);
      const all: string[] = [];
      let cursor: unknown;
      do {
        const page = await call("list", {
          sortBy,
          limit: 1,
          ...(cursor !== undefined && { cursor }),
        });
        all.push(...(page.peers as PeerInfo[]).map(({ peer }) => peer));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      assertEquals(all.join(""), await names({ sortBy }));
    });
  }

  it("refuses a cursor that it did not give", async (t) => {
    const { call } = await listing(t);
    await assertRejects(() => call("list", { cursor: "page 2" }), InputError, "nextCursor");
  });
});
