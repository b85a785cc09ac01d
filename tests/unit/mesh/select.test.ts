import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Candidate, rankPeers } from "../../../src/mesh/select.ts";

const near: Omit<Candidate, "peer"> = {
  isConnected: true,
  isResting: false,
  rttMs: 1,
  inFlight: 0,
  failureRatio: 0,
};

const first = (tool: string, candidates: readonly Candidate[]): string | undefined =>
  rankPeers(tool, candidates)[0]?.peer;

const candidate: fc.Arbitrary<Candidate> = fc.record({
  peer: fc.uuid(),
  isConnected: fc.boolean(),
  isResting: fc.boolean(),
  rttMs: fc.option(fc.double({ min: 0, max: 5000, noNaN: true }), { nil: undefined }),
  inFlight: fc.nat(200),
  failureRatio: fc.double({ min: 0, max: 1, noNaN: true }),
});
const candidates: fc.Arbitrary<Candidate[]> = fc.uniqueArray(candidate, {
  selector: ({ peer }) => peer,
});

describe("rankPeers()", () => {
  it("does not depend on the order of the candidates", () => {
    fc.assert(
      fc.property(fc.string(), candidates, fc.infiniteStream(fc.nat()), (tool, peers, random) => {
        const shuffled = peers
          .map((peer) => ({ peer, key: random.next().value }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ peer }) => peer);
        assertEquals(rankPeers(tool, shuffled), rankPeers(tool, peers));
      }),
    );
  });

  it("keeps all candidates, and the order of the rest when one goes", () => {
    fc.assert(
      fc.property(fc.string(), candidates, fc.nat(), (tool, peers, which) => {
        const ranked = rankPeers(tool, peers);
        assertEquals(new Set(ranked), new Set(peers));
        const gone = peers[which % Math.max(1, peers.length)];
        const rest = peers.filter((peer) => peer !== gone);
        assertEquals(
          rankPeers(tool, rest),
          ranked.filter((peer) => peer !== gone),
        );
      }),
    );
  });

  it("moves only the tools of a peer that goes, among equals", () => {
    const peers = Array.from({ length: 8 }, (_, at) => ({ ...near, peer: `12D3KooW${at}` }));
    const tools = Array.from({ length: 400 }, (_, at) => `tool_${at}`);
    const gone = "12D3KooW3";
    const rest = peers.filter(({ peer }) => peer !== gone);
    for (const tool of tools) {
      const before = first(tool, peers);
      if (before !== gone) assertEquals(first(tool, rest), before);
    }
  });

  it("spreads tools over equals", () => {
    const peers = Array.from({ length: 8 }, (_, at) => ({ ...near, peer: `12D3KooW${at}` }));
    const counts = new Map<string | undefined, number>();
    for (let at = 0; at < 800; at += 1) {
      const peer = first(`tool_${at}`, peers);
      counts.set(peer, (counts.get(peer) ?? 0) + 1);
    }
    assertEquals(counts.size, 8);
    for (const count of counts.values()) assert(count > 50 && count < 150, String(count));
  });

  it("prefers who is connected, near, idle and did not fail", () => {
    const good = { ...near, peer: "good" };
    const worse: readonly Partial<Candidate>[] = [
      { isConnected: false },
      { isResting: true },
      { rttMs: 50 },
      { rttMs: undefined },
      { inFlight: 64 },
      { failureRatio: 0.5 },
    ];
    for (const change of worse) {
      const bad = { ...near, peer: "bad", ...change };
      for (const tool of ["a", "b", "c", "d"]) {
        assertEquals(first(tool, [bad, good]), "good", JSON.stringify(change));
      }
    }
  });

  it("stays where it is while little changes", () => {
    const peers = Array.from({ length: 5 }, (_, at) => ({ ...near, rttMs: 0.3, peer: `p${at}` }));
    const jittered = peers.map((peer, at) => ({ ...peer, rttMs: 0.2 + at / 40, inFlight: at }));
    for (const tool of ["a", "b", "c", "d", "e", "f"]) {
      assertEquals(first(tool, jittered), first(tool, peers));
    }
  });
});
