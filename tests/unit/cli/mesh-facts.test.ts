/** The mesh lines of a server. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatMesh, meshFacts } from "../../../src/cli/mesh-facts.ts";
import { createOutput } from "../../../src/cli/output.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createFakePeers, PEER, peerInfo } from "../../support/fake-peers.ts";

const { style } = createOutput(createFakeHost().host.terminal, {});
const lines = (facts: Parameters<typeof formatMesh>[0]): readonly string[] =>
  formatMesh(facts, style, 80);

const factsOf = (addresses: readonly string[]) =>
  meshFacts({
    status: () => ({ state: "running", missing: {} }),
    settled: () => Promise.resolve(),
    request: async () => ({}),
    reach: () => Promise.reject(new Error("nobody is dialled for a banner")),
    peers: createFakePeers({
      addresses: addresses.map((address) => `${address}/p2p/${PEER}`),
      peers: [peerInfo({ isConnected: true }), peerInfo()],
    }),
  });

describe("meshFacts()", () => {
  it("puts first what others can dial, and plain TCP before all else", () => {
    const { addresses, peers } = factsOf([
      "/ip4/127.0.0.1/tcp/4001",
      "/ip6/fe80::1/tcp/4001",
      "/ip4/192.168.1.7/udp/4001/webrtc-direct/certhash/uEiAx",
      "/ip4/192.168.1.7/tcp/8000/ws",
      "/ip6/2001:db8::7/tcp/4001",
      "/ip4/192.168.1.7/tcp/4001",
    ]);

    assertEquals(peers, 1);
    assertEquals(
      addresses.map((address) => address.replace(`/p2p/${PEER}`, "")),
      [
        "/ip4/192.168.1.7/tcp/4001",
        "/ip6/2001:db8::7/tcp/4001",
        "/ip4/192.168.1.7/tcp/8000/ws",
        "/ip4/192.168.1.7/udp/4001/webrtc-direct/certhash/uEiAx",
        "/ip4/127.0.0.1/tcp/4001",
        "/ip6/fe80::1/tcp/4001",
      ],
    );
  });

  it("links the page that joins by a WebSocket which others can reach", () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ["/ip4/192.168.1.7/tcp/8000/ws", "http://192.168.1.7:8000/join"],
      ["/ip6/2001:db8::7/tcp/8000/ws", "http://[2001:db8::7]:8000/join"],
      ["/dns4/tools.example/tcp/443/tls/ws", "https://tools.example/join"],
      ["/dns4/tools.example/tcp/8443/wss", "https://tools.example:8443/join"],
      ["/ip4/127.0.0.1/tcp/8000/ws", undefined],
      ["/dns4/localhost/tcp/8000/ws", undefined],
      ["/ip4/192.168.1.7/tcp/4001", undefined],
      ["/ip4/192.168.1.7/tcp/8000/ws/p2p/12D3KooWRelay/p2p-circuit", undefined],
    ];
    for (const [address, page] of cases) {
      const { join } = factsOf([address]);
      assertEquals(join, page && `${page}#${address}/p2p/${PEER}`, address);
    }
  });
});

describe("formatMesh()", () => {
  it("tells id, peers and the addresses that others can dial, in full", () => {
    const facts = factsOf(["/ip4/127.0.0.1/tcp/4001", "/ip4/192.168.1.7/tcp/4001"]);

    assertEquals(lines(facts), [
      "  Mesh      12D3KooWPq…x7f · 1 peer",
      `            /ip4/192.168.1.7/tcp/4001/p2p/${PEER}`,
    ]);
  });

  it("shows loopback where there is nothing else, with the way out, and what is missing", () => {
    const facts = factsOf(["/ip4/127.0.0.1/tcp/4001"]);
    const missing = { quic: "quic cannot be loaded (not found): npm install it" };

    const [, address = "", ...notes] = lines({ ...facts, missing });

    assertStringIncludes(address, "/ip4/127.0.0.1/tcp/4001");
    assertEquals(notes.length, 2);
    assertMatch(notes[0] ?? "", /only this machine.*--hostname 0\.0\.0\.0/);
    assertMatch(notes[1] ?? "", /^ {12}quic cannot be loaded \(not found\): npm install it$/);
  });

  it("says in one line what is off or failed, and why", () => {
    const none = { missing: {}, addresses: [], peers: 0 };
    const reason = "port 4001 is taken ".repeat(9);
    const off = lines({ ...none, state: "off", reason: "features.mesh is false" });
    const failed = lines({ ...none, state: "failed", reason });

    assertEquals(off, ["  Mesh      – off: features.mesh is false"]);
    assertEquals(failed.length, 1);
    assertEquals([...(failed[0] ?? "")].length <= 80, true, failed[0]);
    assertMatch(failed[0] ?? "", /✗ port 4001 is taken .*… {3}\(mcpp doctor\)$/);
  });
});
