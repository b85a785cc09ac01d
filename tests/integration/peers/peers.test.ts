import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { eventually, namesKnownTo, startMember } from "../../support/members.ts";

const signal = new AbortController().signal;

describe("peers that meet", () => {
  it("know each other's name, host and abilities at once", async (t) => {
    const hub = await startMember(t, "hub", { abilities: ["serve"] });
    const leaf = await startMember(t, "leaf", { bootstrap: [hub.address], abilities: ["work"] });

    await eventually(
      "both know both",
      () => namesKnownTo(hub).length + namesKnownTo(leaf).length === 2,
    );

    const [known] = leaf.peers.known();
    assertEquals([known?.peer, known?.name, known?.host], [hub.node.peer, "hub", "node"]);
    assertEquals([known?.isConnected, known?.via, known?.source], [true, "memory", "connection"]);
    assertEquals(known?.abilities, ["serve"]);
    assertEquals(hub.peers.known()[0]?.abilities, ["work"]);
  });

  it("learn of everybody behind a common neighbour", async (t) => {
    const hub = await startMember(t, "hub");
    const leaves = await Promise.all(
      ["a", "b", "c", "d"].map((name) => startMember(t, name, { bootstrap: [hub.address] })),
    );

    for (const one of [hub, ...leaves]) {
      await eventually(`${one.name} knows four others`, () => namesKnownTo(one).length === 4);
    }
  });

  it("are found by what they can do, and say which source told of them", async (t) => {
    const hub = await startMember(t, "hub");
    await startMember(t, "gpu", { bootstrap: [hub.address], abilities: ["gpu"] });
    const asker = await startMember(t, "asker", { bootstrap: [hub.address] });
    await eventually("the hub knows both", () => namesKnownTo(hub).length === 2);

    const found = await asker.peers.discover({
      sources: ["peers", "github"],
      ability: "gpu",
      limit: 10,
      timeoutMs: 5000,
      signal,
    });

    assertEquals(
      found.peers.map(({ name }) => name),
      ["gpu"],
    );
    const [peers, github] = found.sources;
    assertEquals([peers?.source, peers?.error], ["peers", undefined]);
    assert((peers?.found ?? 0) >= 2, `${peers?.found} found`);
    assertEquals(
      [github?.found, github?.error],
      [0, 'The source "github" is off: it needs features.githubRegistry and github.repository'],
    );
  });
});
