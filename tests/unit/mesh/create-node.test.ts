import { describe, it } from "node:test";
import type { Transport } from "@libp2p/interface";
import { assert, assertEquals } from "@std/assert";
import { createNode } from "../../../src/mesh/create-node.ts";
import type { MeshTransport } from "../../../src/mesh/node-options.ts";
import { STOP_MS } from "../../../src/mesh/protocol.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { anyIdentity, memoryTransport, startNode } from "../../support/mesh-nodes.ts";

/** A transport whose listener never says that it is closed. */
function hangingTransport(): MeshTransport {
  const memory = memoryTransport(crypto.randomUUID());
  const create = (components: never): Transport => {
    const transport = memory.create(components) as Transport;
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      listener.close = () => new Promise(() => undefined);
      return listener;
    };
    return transport;
  };
  return { ...memory, create };
}

describe("a node that is stopped", () => {
  it("ends in time although a transport hangs", async () => {
    const clock = createFakeClock();
    const identity = await anyIdentity();
    const node = await createNode({ identity, transports: [hangingTransport()], clock });
    let isOver = false;

    const stopped = node.stop().then(() => {
      isOver = true;
    });
    await clock.advance(STOP_MS / 2);
    assert(!isOver);
    await clock.advance(STOP_MS / 2);

    await stopped;
    assertEquals(clock.pending, 0);
  });

  it("is stopped once, however often it is asked", async () => {
    const identity = await anyIdentity();
    const node = await createNode({ identity, transports: [memoryTransport("twice")] });
    const stopping = node.stop();
    assert(node.stop() === stopping);
    await stopping;
  });
});

describe("the addresses of a node", () => {
  it("are all that it listens on", async (t) => {
    const name = crypto.randomUUID();
    const node = await startNode(t, [memoryTransport(name)]);
    assertEquals(node.addresses(), [`/memory/${name}/p2p/${node.peer}`]);
  });

  it("are those to announce instead, where they were given", async (t) => {
    const announce = ["/dns4/tools.example/tcp/443/tls/ws"];
    const node = await startNode(t, [memoryTransport(crypto.randomUUID())], { announce });
    assertEquals(node.addresses(), [`${announce[0]}/p2p/${node.peer}`]);
  });
});
