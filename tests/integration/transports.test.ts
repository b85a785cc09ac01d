/** What this host has of transports, and what it says of the others. @module */

import { Socket } from "node:net";
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openTransports } from "../../runtimes/shared/transports.ts";
import { ECHO, echoed, serveEcho } from "../support/echo.ts";
import { startNode } from "../support/mesh-nodes.ts";

const nothing = {
  hostname: "127.0.0.1",
  tcpPort: "off",
  quicPort: "off",
  webRtcPort: "off",
  webTransportPort: "off",
} as const;

describe("openTransports()", () => {
  it("dials TCP even where nothing is to be reached", async () => {
    const { transports, missing } = await openTransports(nothing);

    assertEquals(
      transports.map(({ name, listen }) => ({ name, listen })),
      [{ name: "tcp", listen: [] }],
    );
    assertEquals(missing, {});
  });

  it("listens at the address that a name stands for", async () => {
    const { transports } = await openTransports({ ...nothing, hostname: "localhost", tcpPort: 0 });
    const [address = ""] = transports[0]?.listen ?? [];
    assert(["/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0"].includes(address), address);
  });

  it("says why a transport is missing and how to get it, and opens the others", async () => {
    const { transports, missing } = await openTransports({ ...nothing, webTransportPort: 0 });

    assertEquals(
      transports.map(({ name }) => name),
      ["tcp"],
    );
    assertStringIncludes(missing.webtransport ?? "", "webtransport cannot be loaded (only Deno");
    assertStringIncludes(missing.webtransport ?? "", "use deno run --unstable-net");
  });
});

describe("TCP", () => {
  it("corks its socket: a libp2p that keeps it elsewhere would quietly be slow", async (t) => {
    const { transports } = await openTransports({ ...nothing, tcpPort: 0 });
    const there = await startNode(t, transports);
    await serveEcho(there);
    const here = await startNode(t, transports);
    const { peer } = await here.connect(there.addresses()[0] ?? "");
    const stream = await here.openStream(peer, ECHO);
    const cork = t.mock.method(Socket.prototype, "cork");

    await echoed(stream, Uint8Array.of(1));

    // One end corks to send, the other to answer.
    assert(cork.mock.callCount() >= 2);
  });
});
