import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createGossip, type GossipNeeds } from "../../../src/peers/gossip.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { anyRecord } from "../../support/records.ts";

interface Scene {
  readonly gossip: ReturnType<typeof createGossip>;
  readonly clock: FakeClock;
  readonly failures: string[];
  connected: string[];
}

/** Gossip of a node whose streams never open. */
function sceneOf(peer: string): Scene {
  const clock = createFakeClock();
  const scene: { connected: string[]; readonly failures: string[] } = {
    connected: [peer],
    failures: [],
  };
  const needs = {
    clock,
    own: () => undefined,
    learnt: () => {},
    failed: (to: string) => void scene.failures.push(to),
    directory: { records: () => [] },
    node: {
      peer: "self",
      connections: (of?: string) =>
        scene.connected
          .filter((one) => of === undefined || one === of)
          .map((one) => ({ peer: one, direction: "inbound" })),
      openStream: () => Promise.reject(new Error("no stream")),
      handle: () => Promise.resolve(() => Promise.resolve()),
      onPeer: () => () => {},
    },
  };
  // Of node and directory, what is here is all that telling uses.
  const gossip = createGossip(needs as unknown as GossipNeeds);
  return Object.assign(scene, { gossip, clock });
}

describe("gossip", () => {
  it("tells again what a broken stream carried, for a while", async () => {
    const peer = "12D3KooWNeighbour";
    const scene = sceneOf(peer);
    const stop = new AbortController();
    const running = scene.gossip.run(stop.signal);
    await scene.clock.advance(0);

    scene.gossip.tell(await anyRecord());
    await scene.clock.advance(10_000);

    assertEquals(scene.failures, [peer, peer, peer]);
    stop.abort();
    await running;
  });

  it("does not try to tell who has left", async () => {
    const peer = "12D3KooWNeighbour";
    const scene = sceneOf(peer);
    const stop = new AbortController();
    const running = scene.gossip.run(stop.signal);
    await scene.clock.advance(0);

    scene.gossip.tell(await anyRecord());
    await scene.clock.advance(500);
    scene.connected = [];
    await scene.clock.advance(10_000);

    assertEquals(scene.failures, [peer]);
    stop.abort();
    await running;
  });
});
