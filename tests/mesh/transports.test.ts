/** Nodes over the real transports of the host that runs the tests. @module */

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { assert, assertEquals, assertExists, assertRejects } from "@std/assert";
import { openTransports } from "../../runtimes/shared/transports.ts";
import { DeadlineError, InputError, UnavailableError } from "../../src/errors.ts";
import type { MeshNode, PeerEvent } from "../../src/mesh/mesh-node.ts";
import type { MeshTransport } from "../../src/mesh/node-options.ts";
import { ECHO, echoed, serveEcho } from "../support/echo.ts";
import {
  type Cleanup,
  memoryTransport,
  startNode,
  tcpTransport,
  webRtcReason,
  webSocketTransport,
} from "../support/mesh-nodes.ts";
import { takePort } from "../support/take-port.ts";

interface Way {
  readonly name: MeshTransport["name"];
  open(t: Cleanup): Promise<MeshTransport>;
}

const { transports, missing } = await openTransports({
  hostname: "127.0.0.1",
  tcpPort: 0,
  quicPort: 0,
  webRtcPort: webRtcReason ? "off" : 0,
  webTransportPort: "off",
});
for (const reason of Object.values({ ...missing, webRtcReason })) if (reason) console.warn(reason);

const ways: readonly Way[] = [
  { name: "websocket", open: webSocketTransport },
  { name: "memory", open: async () => memoryTransport(crypto.randomUUID()) },
  // WebRTC by itself needs a relay, and has a test of its own.
  ...transports
    .filter(({ name }) => name !== "webrtc")
    .map((transport) => ({ name: transport.name, open: async () => transport })),
];

/** Two nodes that do not know each other; the second one echoes. */
async function couple(t: Cleanup, { open }: Way): Promise<readonly [MeshNode, MeshNode]> {
  const there = await startNode(t, [await open(t)]);
  await serveEcho(there);
  return [await startNode(t, [await open(t)]), there];
}

/** The next event of this kind. */
function next(node: MeshNode, type: PeerEvent["type"]): Promise<PeerEvent> {
  const { promise, resolve } = Promise.withResolvers<PeerEvent>();
  const stop = node.onPeer((event) => {
    if (event.type !== type) return;
    stop();
    resolve(event);
  });
  return promise;
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 251);

for (const way of ways) {
  describe(`two nodes over ${way.name}`, () => {
    it("connect by address, and say how", async (t) => {
      const [here, there] = await couple(t, way);
      const [address = ""] = there.addresses();

      const connection = await here.connect(address);

      assertEquals(connection.peer, there.peer);
      assertEquals(connection.transport, way.name);
      assertEquals(connection.direction, "outbound");
      assert(!connection.isRelayed);
      assertEquals(connection.address, address);
      assertEquals(here.connections(), [connection]);
    });

    it("connect by id once the addresses are known, and not after they were forgotten", async (t) => {
      const [here, there] = await couple(t, way);
      await assertRejects(() => here.connect(there.peer), UnavailableError, "no address of it");

      await here.learn(there.peer, there.addresses());
      assertEquals((await here.connect(there.peer)).peer, there.peer);

      await here.disconnect(there.peer);
      await here.forget(there.peer);
      await assertRejects(() => here.connect(there.peer), UnavailableError, "no address of it");
    });

    it("echo small messages and megabytes on one stream", async (t) => {
      const [here, there] = await couple(t, way);
      await here.learn(there.peer, there.addresses());
      const stream = await here.openStream(there.peer, ECHO);

      for (const length of [1, 60 * 1024, 3_000_000, 1]) {
        assertEquals(await echoed(stream, pattern(length)), pattern(length));
      }
    });

    it("measure the round trip", async (t) => {
      const [here, there] = await couple(t, way);
      await here.connect(there.addresses()[0] ?? "");

      const ms = await here.ping(there.peer);

      assert(ms > 0);
      assertEquals(here.connections(there.peer)[0]?.rttMs, ms);
    });

    it("know each other's protocols", async (t) => {
      const [here, there] = await couple(t, way);
      await here.connect(there.addresses()[0] ?? "");
      assert((await here.protocolsOf(there.peer)).includes(ECHO));
    });

    it("tell when they meet and part", async (t) => {
      const [here, there] = await couple(t, way);
      const met = next(there, "connected");
      await here.connect(there.addresses()[0] ?? "");
      assertEquals((await met).peer, here.peer);

      const parted = next(there, "disconnected");
      assert(await here.disconnect(there.peer));
      assertEquals((await parted).peer, here.peer);
      assert(!(await here.disconnect(there.peer)));
      assertEquals(here.connections(), []);
    });

    it("part when one of them stops, whose port is free then", async (t) => {
      const [here, there] = await couple(t, way);
      const [address = ""] = there.addresses();
      await here.connect(address);
      const parted = next(here, "disconnected");

      await there.stop();

      assertEquals((await parted).peer, there.peer);
      // Nothing would answer at all where UDP was.
      if (!address.includes("/udp/")) {
        await assertRejects(() => here.connect(address), UnavailableError);
      }
      // The HTTP server keeps its port; node-datachannel 0.33 keeps one until the process ends,
      // after which matrix.test.ts looks.
      if (way.name === "tcp" || way.name === "quic") await takePort(address);
    });
  });
}

describe("a node", () => {
  it("sees itself as its peers see it", async (t) => {
    const [here, there] = await couple(t, { name: "tcp", open: async () => tcpTransport() });
    await here.connect(there.addresses()[0] ?? "");
    await here.protocolsOf(there.peer);

    const [seen] = there.connections(here.peer);
    assertEquals(here.observedAddresses(), [seen?.address.replace(`/p2p/${here.peer}`, "") ?? ""]);
  });

  it("says of each address why it was not reached", async (t) => {
    const [here, there] = await couple(t, { name: "tcp", open: async () => tcpTransport() });
    await there.stop();
    const [open, closed] = ["/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2"];
    await here.learn(there.peer, [open, closed]);

    const error = await assertRejects(() => here.connect(there.peer), UnavailableError);

    assertEquals(error.code, "peer_unreachable");
    const { attempts } = error.data as { attempts: { address: string; reason: string }[] };
    assertEquals(attempts.map(({ address }) => address).toSorted(), [
      `${open}/p2p/${there.peer}`,
      `${closed}/p2p/${there.peer}`,
    ]);
    for (const { reason } of attempts) assert(/refused/i.test(reason), reason);
  });

  it("refuses what is no peer and no address, and itself", async (t) => {
    const node = await startNode(t, [tcpTransport()]);

    await assertRejects(() => node.connect("bob"), InputError, '"bob" is not the id of a peer');
    await assertRejects(() => node.connect("/ip4/bob"), InputError, "is not a multiaddr");
    await assertRejects(() => node.connect(node.peer), InputError, "is this node itself");
    const [own = ""] = node.addresses();
    await assertRejects(() => node.connect(own), InputError, "is this node itself");
    const anonymous = own.replace(`/p2p/${node.peer}`, "");
    await assertRejects(() => node.connect(anonymous), UnavailableError, "dial self");
    assertEquals(node.connections(), []);
  });

  it("says which protocol a peer does not speak", async (t) => {
    const [here, there] = await couple(t, { name: "tcp", open: async () => tcpTransport() });
    await here.connect(there.addresses()[0] ?? "");

    const strange = (): Promise<unknown> => here.openStream(there.peer, "/nobody/speaks/1.0.0");

    const error = await assertRejects(strange, UnavailableError, "did not open the stream");
    assertExists(error.cause);
  });

  it("gives up in time on a peer that never answers", async (t) => {
    // A server that accepts and then says nothing; the dial that is given up resets its socket.
    const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(async () => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const node = await startNode(t, [tcpTransport()]);

    const dial = (): Promise<unknown> =>
      node.connect(`/ip4/127.0.0.1/tcp/${port}`, { timeoutMs: 20 });

    await assertRejects(dial, DeadlineError, "took longer than 20 ms");
  });

  it("does not start where its TCP port is taken, and names the port", async (t) => {
    const first = await startNode(t, [tcpTransport()]);
    const port = Number(/tcp\/(\d+)/.exec(first.addresses()[0] ?? "")?.[1]);

    const error = await assertRejects(() => startNode(t, [tcpTransport(port)]), UnavailableError);

    assertEquals(error.code, "address_unavailable");
    assert(
      error.message.startsWith(`TCP port ${port} of /ip4/127.0.0.1/tcp/${port} is already in`),
    );
  });
});
