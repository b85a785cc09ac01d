/**
 * The mesh of a page: a peer that listens nowhere, offers the page's own tools and calls those of
 * others. `runtimes/browser.ts` lends what only browsers have.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import type { PeerRuleConfig } from "../config/config.ts";
import { UnavailableError } from "../errors.ts";
import { createNode } from "../mesh/create-node.ts";
import type { Identity } from "../mesh/identity.ts";
import { joinMesh, type Membership } from "../mesh/join.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { MeshTransport } from "../mesh/node-options.ts";
import { localCaller } from "../registry/caller.ts";
import { META_NAMES } from "../registry/meta-tools.ts";
import { defaultPeerLimits } from "../registry/peer-limits.ts";
import { createRegistry, type RegisteredTool, type Registry } from "../registry/registry.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { Store } from "../storage/store.ts";
import { type Background, createBackground } from "./background.ts";
import { createOwnTools } from "./own-tools.ts";
import type { PageMesh, PageTool } from "./page.ts";
import { createPageCalls } from "./page-calls.ts";
import { openPagePeers, type PagePeers } from "./page-peers.ts";
import { createPageQueue } from "./page-queue.ts";

/** What a page's mesh is made of. */
export interface PageMeshNeeds {
  readonly name: string;
  readonly identity: Identity;
  /** In the order in which a peer's addresses are dialled. */
  readonly transports: readonly MeshTransport[];
  /** Multiaddrs of servers to join by. */
  readonly bootstrap: readonly string[];
  /** What peers may call beside tools that only read, as `mesh.allow` of a server. */
  readonly allow: readonly PeerRuleConfig[];
  /** Remembers known peers. */
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  /** Calls back when connections may have died unnoticed; returns the stop function. */
  readonly onWake: (woken: () => void) => () => void;
  /** Calls back when the page is about to stand still, or to be no more; returns the stop function. */
  readonly onLeave: (left: () => void) => () => void;
  /** Something failed of which nobody is told otherwise. */
  readonly trouble: (what: string, error: unknown) => void;
}

/** Join; resolves when the first contacts were tried, and goes on trying where they failed. */
export async function createPageMesh(needs: PageMeshNeeds): Promise<PageMesh> {
  const { identity, transports, clock } = needs;
  const node = await createNode({ identity, transports, reserve: true, clock });
  const background = createBackground(needs.trouble);
  try {
    return await runOn(needs, node, background);
  } catch (error) {
    await background.stop();
    await node.stop();
    throw error;
  }
}

async function runOn(
  needs: PageMeshNeeds,
  node: MeshNode,
  background: Background,
): Promise<PageMesh> {
  const { name, clock, random, trouble } = needs;
  const registry = createRegistry(META_NAMES, (...which) => member.choosePeer(...which));
  const calls = createPageCalls({ ...needs, registry, member: () => member });
  const member: Membership = await joinMesh({
    ...{ node, registry, clock, random, trouble, serve: calls.serve },
    limits: () => defaultPeerLimits,
    meet: (target, signal): Promise<string> => peers.meet(target, signal),
  });
  const own = createOwnTools(
    registry,
    () => peers.announce(),
    (error) => trouble("describing the page's tools", error),
  );
  const interfaces = (): readonly string[] => own.interfaces;
  const peers: PagePeers = await openPagePeers({ ...needs, node, member, background, interfaces });
  const { call } = calls;
  const queue = createPageQueue({
    ...{ name, registry, own, call, clock, trouble, member: () => member },
  });
  const unwake = needs.onWake(() => {
    peers.wake();
    queue.resume();
  });
  const unleave = needs.onLeave(() => queue.pause());
  await peers.start();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    unwake();
    unleave();
    await queue.stop();
    await background.stop();
    await peers.stop();
    await member.leave();
    await node.stop();
  };
  const mesh: PageMesh = {
    peer: node.peer,
    name,
    addresses: () => node.addresses(),
    offer: (tool) => own.offer(tool),
    withdraw: (tool) => own.withdraw(tool),
    async call(tool, input = {}, { peer, signal, onProgress } = {}) {
      if (stopping) throw stopped(tool);
      return await call({
        ...{ tool, input, caller: localCaller },
        ...(peer !== undefined && { category: `${PEER_PREFIX}${peer}` }),
        ...(signal && { signal: () => signal }),
        ...(onProgress && { events: { progress: onProgress } }),
      });
    },
    tools: async () => (await registry.list(localCaller)).map(shown),
    peers: () => peers.known(),
    connections: () => node.connections(),
    queue,
    connect: (target, { signal = new AbortController().signal } = {}) =>
      peers.connect(target, signal),
    onChange: (listener) => follow(node, registry, listener),
    stop() {
      stopping ??= stop();
      return stopping;
    },
    [Symbol.asyncDispose]: () => mesh.stop(),
  };
  return mesh;
}

const shown = ({ name, tool }: RegisteredTool): PageTool => {
  const { title, description, inputSchema, outputSchema, annotations, peer } = tool;
  return {
    ...{ name, title, description, inputSchema, annotations },
    ...(outputSchema && { outputSchema }),
    ...(peer !== undefined && { peer }),
  };
};

function follow(node: MeshNode, registry: Registry, listener: () => void): () => void {
  const offs = [
    node.onPeer(listener),
    node.onAddresses(listener),
    registry.onChange(() => listener()),
  ];
  return () => {
    for (const off of offs) off();
  };
}

function stopped(tool: string): UnavailableError {
  return new UnavailableError(
    "runtime_unavailable",
    `"${tool}" cannot be called: this page has left the mesh; createMesh() joins again`,
    { data: { tool, isStarted: false } },
  );
}
