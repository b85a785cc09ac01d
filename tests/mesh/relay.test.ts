/** Peers that nobody can dial are reached through a relay. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openTransports } from "../../runtimes/shared/transports.ts";
import { UnavailableError } from "../../src/errors.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import { serverServices } from "../../src/mesh/server-services.ts";
import { ECHO, echoed, serveEcho } from "../support/echo.ts";
import { type Cleanup, startNode, tcpTransport, webRtcReason } from "../support/mesh-nodes.ts";

const nowhere = {
  hostname: "127.0.0.1",
  tcpPort: "off",
  quicPort: "off",
  webRtcPort: "off",
  webTransportPort: "off",
} as const;

/** TCP that only dials. */
const dialOnly = { ...tcpTransport(), listen: [] };

function startRelay(t: Cleanup, maxReservations = 8): Promise<MeshNode> {
  const services = serverServices({ relay: true, maxReservations });
  return startNode(t, [tcpTransport()], { services });
}

/** The relayed address of a node, once a relay has given it one. */
function relayedAddress(node: MeshNode, part = "/p2p-circuit/p2p/"): Promise<string> {
  return new Promise((resolve) => {
    const check = (): void => {
      const relayed = node.addresses().find((address) => address.includes(part));
      if (relayed === undefined) return;
      node.libp2p.removeEventListener("self:peer:update", check);
      resolve(relayed);
    };
    node.libp2p.addEventListener("self:peer:update", check);
    check();
  });
}

describe("a node that listens nowhere", () => {
  it("is reached through a relay that it is connected to", async (t) => {
    const relay = await startRelay(t);
    const hidden = await startNode(t, [dialOnly], { reserve: true });
    await serveEcho(hidden);
    await hidden.connect(relay.addresses()[0] ?? "");
    const address = await relayedAddress(hidden);
    const guest = await startNode(t, [dialOnly]);

    const connection = await guest.connect(address);

    assertEquals(connection.peer, hidden.peer);
    assertEquals(connection.transport, "relay");
    assert(connection.isRelayed);
    const stream = await guest.openStream(hidden.peer, ECHO);
    assertEquals(await echoed(stream, Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
    assert(hidden.connections(guest.peer)[0]?.isRelayed);
  });

  it("talks to a peer like itself over WebRTC, which the relay only introduces", async (t) => {
    if (webRtcReason) return t.skip(webRtcReason);
    const { transports, missing } = await openTransports({ ...nowhere, webRtcPort: 0 });
    const webRtc = transports.find(({ name }) => name === "webrtc");
    if (!webRtc) return t.skip(missing.webrtc);
    const ways = [dialOnly, { ...webRtc, listen: ["/webrtc"] }];
    const relay = await startRelay(t);
    const hidden = await startNode(t, ways, { reserve: true });
    await serveEcho(hidden);
    await hidden.connect(relay.addresses()[0] ?? "");
    const address = await relayedAddress(hidden, "/p2p-circuit/webrtc/");
    const guest = await startNode(t, ways);

    const connection = await guest.connect(address);

    assertEquals(connection.transport, "webrtc");
    assert(!connection.isRelayed);
    const stream = await guest.openStream(hidden.peer, ECHO);
    const big = new Uint8Array(500_000).fill(7);
    assertEquals(await echoed(stream, big), big);
  });

  it("gets no slot from a relay that has none left", async (t) => {
    const relay = await startRelay(t, 1);
    const first = await startNode(t, [dialOnly], { reserve: true });
    await first.connect(relay.addresses()[0] ?? "");
    await relayedAddress(first);
    const second = await startNode(t, [dialOnly], { reserve: true });
    await second.connect(relay.addresses()[0] ?? "");
    const guest = await startNode(t, [dialOnly]);

    const viaRelay = `${relay.addresses()[0]}/p2p-circuit/p2p/${second.peer}`;

    await assertRejects(() => guest.connect(viaRelay), UnavailableError, "NO_RESERVATION");
    assertEquals(second.addresses(), []);
  });
});
