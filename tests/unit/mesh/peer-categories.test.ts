import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import type { ClientPool } from "../../../src/mesh/client-pool.ts";
import type { PeerConnection, PeerEvent } from "../../../src/mesh/mesh-node.ts";
import { createPeerCategories, type PeerCategories } from "../../../src/mesh/peer-categories.ts";
import { MCP_PROTOCOL } from "../../../src/mesh/protocol.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import { createRegistry, type Registry } from "../../../src/registry/registry.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { endOfTurn } from "../../support/fake-stream.ts";

const idOf = (end: string): string => `12D3KooWPqT5iZRzLq9Xqs1LZ7HpRgqqLgq5Nq1L4sQFGv${end}`;
const A = idOf("aaaaaa");
const B = idOf("bbbbbb");

interface Remote {
  name?: string | undefined;
  tools: unknown;
  protocols?: readonly string[];
  /** Fails so many times before it answers. */
  failures?: number;
  /** Settles when the list may be answered. */
  gate?: Promise<void>;
}

interface Scene {
  readonly categories: PeerCategories;
  readonly registry: Registry;
  readonly clock: FakeClock;
  readonly remotes: Map<string, Remote>;
  readonly troubles: string[];
  readonly asked: string[];
  connect(peer: string): Promise<void>;
  disconnect(peer: string): void;
  shown(): Promise<Record<string, readonly string[]>>;
}

const tool = (name: string): object => ({ name, inputSchema: { type: "object" } });

const connectionTo = (peer: string): PeerConnection => ({
  id: peer,
  peer,
  address: `/memory/x/p2p/${peer}`,
  transport: "memory",
  direction: "outbound",
  isRelayed: false,
  streams: 0,
  openedAt: 0,
});

/** What the peers answer. */
function poolOf(scene: Pick<Scene, "remotes" | "asked">): ClientPool {
  const absent = (): never => {
    throw new Error("The test asks no such thing of the pool");
  };
  return {
    async request(peer, method) {
      scene.asked.push(`${method} ${peer.slice(-6)}`);
      const remote = scene.remotes.get(peer);
      if (!remote) throw new UnavailableError("peer_unreachable", "gone");
      // What is answered is what there was when the question came.
      const { tools } = remote;
      await remote.gate;
      if ((remote.failures ?? 0) > 0) {
        remote.failures = (remote.failures ?? 0) - 1;
        throw new UnavailableError("rate_limited", "too fast");
      }
      return { tools };
    },
    async server(peer) {
      const name = scene.remotes.get(peer)?.name;
      return { era: "modern", ...(name !== undefined && { name }) };
    },
    breakerOf: absent,
    close: absent,
  };
}

function sceneOf(meet?: (target: string) => Promise<string>): Scene {
  const clock = createFakeClock();
  const registry = createRegistry();
  const connected = new Set<string>();
  const listeners = new Set<(event: PeerEvent) => void>();
  const tell = (event: PeerEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const remotes = new Map<string, Remote>();
  const troubles: string[] = [];
  const asked: string[] = [];
  const categories = createPeerCategories({
    node: {
      peer: idOf("self00"),
      async connect(target) {
        const peer = target.startsWith("/") ? target.slice(target.lastIndexOf("/") + 1) : target;
        if (!remotes.has(peer)) throw new UnavailableError("peer_unreachable", "nobody is there");
        connected.add(peer);
        tell({ type: "connected", peer });
        return connectionTo(peer);
      },
      connections: (peer) =>
        [...connected].filter((one) => peer === undefined || one === peer).map(connectionTo),
      protocolsOf: async (peer) => remotes.get(peer)?.protocols ?? [MCP_PROTOCOL],
      onPeer(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    pool: poolOf({ remotes, asked }),
    meet,
    registry,
    clock,
    random: () => 0.5,
    trouble: (peer) => troubles.push(peer.slice(-6)),
  });
  return {
    ...{ categories, registry, clock, remotes, troubles, asked },
    async connect(peer) {
      connected.add(peer);
      tell({ type: "connected", peer });
      await endOfTurn();
      await endOfTurn();
    },
    disconnect(peer) {
      connected.delete(peer);
      tell({ type: "disconnected", peer });
    },
    async shown() {
      const found = registry.categories(localCaller).map(async ({ name }) => {
        const tools = await registry.list(localCaller, name);
        return [name, tools.map((one) => one.tool.name)] as const;
      });
      return Object.fromEntries(await Promise.all(found));
    },
  };
}

describe("the categories of peers", () => {
  it("appear with a peer, and vanish with it", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { name: "studio", tools: [tool("add"), tool("sub")] });
    await scene.connect(A);
    assertEquals(await scene.shown(), { "peer:studio": ["add", "sub"] });
    const { categories } = scene;
    assertEquals([categories.nameOf(A), categories.toolsOf(A)], ["studio", 2]);
    assertEquals(categories.peerOf("peer:studio"), A);

    scene.disconnect(A);
    assertEquals(await scene.shown(), {});
    assertEquals([categories.nameOf(A), categories.peerOf("peer:studio")], [undefined, undefined]);
  });

  it("leave out peers that do not speak of tools", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { tools: [], protocols: ["/ipfs/ping/1.0.0"] });
    await scene.connect(A);
    assertEquals([await scene.shown(), scene.asked], [{}, []]);
  });

  it("tell peers of one name apart, and those without one by the end of their ids", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { name: "studio", tools: [] });
    scene.remotes.set(B, { name: "studio", tools: [] });
    const [nameless, unnamed, odd] = [idOf("cccccc"), idOf("dddddd"), idOf("eeeeee")];
    scene.remotes.set(nameless, { tools: [] });
    scene.remotes.set(unnamed, { name: "mcplusplus", tools: [] });
    scene.remotes.set(odd, { name: "my/box:1 ☃", tools: [] });
    for (const peer of scene.remotes.keys()) await scene.connect(peer);
    assertEquals(Object.keys(await scene.shown()), [
      "peer:studio",
      "peer:studio-bbbbbb",
      "peer:peer-cccccc",
      "peer:mcplusplus-dddddd",
      "peer:my-box-1--",
    ]);
  });

  it("are not taken over by who calls itself like another", async () => {
    const scene = sceneOf();
    const evil = idOf("ffffff");
    scene.remotes.set(A, { name: "studio", tools: [] });
    scene.remotes.set(evil, { name: "studio-bbbbbb", tools: [tool("evil")] });
    scene.remotes.set(B, { name: "studio", tools: [tool("good")] });
    for (const peer of scene.remotes.keys()) await scene.connect(peer);
    assertEquals((await scene.shown())[`peer:${B}`], ["good"]);

    scene.disconnect(evil);
    assertEquals((await scene.shown())[`peer:${B}`], ["good"]);
  });

  it("try a peer that cannot be read again, later and later, and not for ever", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { name: "studio", tools: [tool("add")], failures: 2 });
    await scene.connect(A);
    assertEquals([await scene.shown(), scene.troubles], [{}, ["aaaaaa"]]);
    await scene.clock.advance(1_000);
    assertEquals(scene.troubles.length, 2);
    await scene.clock.advance(1_999);
    assertEquals(await scene.shown(), {});
    await scene.clock.advance(1);
    await endOfTurn();
    assertEquals(await scene.shown(), { "peer:studio": ["add"] });

    scene.remotes.set(B, { tools: "none" });
    await scene.connect(B);
    await scene.clock.advance(3_600_000);
    assertEquals(scene.troubles.filter((peer) => peer === "bbbbbb").length, 6);
    assertEquals(scene.clock.pending, 0);
  });

  it("try no peer again that has left", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { tools: [], failures: 9 });
    await scene.connect(A);
    assertEquals(scene.clock.pending, 1);
    scene.disconnect(A);
    assertEquals(scene.clock.pending, 0);
  });

  it("follow a peer that says something new, also while it is being read", async () => {
    const scene = sceneOf();
    const gate = Promise.withResolvers<void>();
    const remote: Remote = { name: "studio", tools: [tool("old")], gate: gate.promise };
    scene.remotes.set(A, remote);
    await scene.connect(A);
    remote.tools = [tool("new")];
    scene.categories.refresh(A);
    gate.resolve();
    await endOfTurn();
    await endOfTurn();
    assertEquals(await scene.shown(), { "peer:studio": ["new"] });

    // Nobody hears of a list that is the same, and who is not connected is not asked.
    const { version } = scene.registry;
    const before = scene.asked.length;
    scene.categories.refresh(A);
    scene.categories.refresh(B);
    await endOfTurn();
    assertEquals(scene.asked.slice(before), ["tools/list aaaaaa"]);
    assertEquals(scene.registry.version, version);
  });

  it("reach one that is only known, by the name that it is known by", async () => {
    const scene = sceneOf(async (target) => (target === "studio" ? A : target));
    scene.remotes.set(A, { name: "studio", tools: [tool("add")] });

    assertEquals(await scene.categories.reach("studio"), "peer:studio");
    await assertRejects(() => scene.categories.reach("nobody"), InputError, "no peer");
  });

  it("show a tool once that is listed twice, and none without a name", async () => {
    const scene = sceneOf();
    const tools = [
      tool("add"),
      tool("add"),
      tool(""),
      { inputSchema: {} },
      null,
      5,
      tool("x".repeat(129)),
    ];
    scene.remotes.set(A, { name: "studio", tools });
    await scene.connect(A);
    assertEquals(await scene.shown(), { "peer:studio": ["add"] });
    assertEquals(scene.categories.toolsOf(A), 1);
  });

  it("stand whatever a peer says of its tools", async () => {
    const scene = sceneOf();
    const strange = [
      { name: "a", inputSchema: 5 },
      { name: "b" },
      { name: "c", inputSchema: { type: "nonsense", $ref: "#/nowhere" }, annotations: "all" },
      { name: "__proto__", description: { toString: 1 }, inputSchema: { type: "object" } },
      { name: "d", description: "\u202Eevil", inputSchema: { type: "object" }, _meta: null },
    ];
    scene.remotes.set(A, { name: "studio", tools: [...strange, tool("good")] });
    await scene.connect(A);
    const shown = (await scene.shown())["peer:studio"] ?? [];
    assert(shown.includes("good"), JSON.stringify([shown, scene.troubles]));
  });

  it("are reached by name, id and address, connecting where need be", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { name: "studio", tools: [] });
    const { categories } = scene;
    assertEquals(await categories.reach(`/ip4/127.0.0.1/tcp/1/p2p/${A}`), "peer:studio");
    assertEquals(await categories.reach("studio"), "peer:studio");
    assertEquals(await categories.reach(A), "peer:studio");
    assertEquals(scene.asked.length, 1);

    const error = await assertRejects(
      () => categories.reach("attic"),
      InputError,
      "connected are studio",
    );
    assertEquals([error.code, error.data], ["not_found", { peer: "attic", nearest: ["studio"] }]);
    await assertRejects(() => categories.reach(B), UnavailableError, "nobody is there");
  });

  it("follow nobody once they are closed", async () => {
    const scene = sceneOf();
    scene.remotes.set(A, { name: "studio", tools: [] });
    await scene.connect(A);
    scene.categories.close();
    assertEquals(await scene.shown(), {});
    scene.remotes.set(B, { name: "attic", tools: [] });
    await scene.connect(B);
    assertEquals([await scene.shown(), scene.clock.pending], [{}, 0]);
  });
});
