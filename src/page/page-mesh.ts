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
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import type { MeshTransport } from "../mesh/node-options.ts";
import { localCaller } from "../registry/caller.ts";
import type { Tool } from "../registry/definition.ts";
import { META_NAMES } from "../registry/meta-tools.ts";
import { defaultPeerLimits } from "../registry/peer-limits.ts";
import type { PeerInfo } from "../registry/peers.ts";
import { createRegistry, type RegisteredTool, type Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { Store } from "../storage/store.ts";
import { type Background, createBackground } from "./background.ts";
import { createOwnTools } from "./own-tools.ts";
import { createPageCalls } from "./page-calls.ts";
import { openPagePeers, type PagePeers } from "./page-peers.ts";

/** How a page calls a tool. */
export interface PageCallOptions {
  /** A peer by its id, name or address; left out, the best one that has the tool. */
  readonly peer?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total?: number, message?: string) => void) | undefined;
}

/** A tool that the page can call. */
export interface PageTool
  extends Pick<Tool, "title" | "description" | "inputSchema" | "outputSchema" | "annotations"> {
  /** Unique in this list. */
  readonly name: string;
  /** Where it runs; missing for the page's own. */
  readonly peer?: string;
}

/** A page in the mesh. */
export interface PageMesh extends AsyncDisposable {
  /** This page's id, e.g. `12D3KooW…`. */
  readonly peer: string;
  readonly name: string;
  /** Where others reach this page: over the relays that gave it a slot. */
  addresses(): readonly string[];
  /** Let peers call a tool; throws where its name is taken. */
  offer(tool: Tool): void;
  /** Take a tool back; false where there is none of that name. */
  withdraw(name: string): boolean;
  /** Call a tool; throws what is no result, such as `unknown_tool` or `peer_unreachable`. */
  call(tool: string, input?: object, options?: PageCallOptions): Promise<CallResult>;
  /** The tools of connected peers, and the page's own. */
  tools(): Promise<readonly PageTool[]>;
  /** Every peer that this page has heard of. */
  peers(): readonly PeerInfo[];
  connections(): readonly PeerConnection[];
  /** Connect to a multiaddr, or to a peer that is known. */
  connect(target: string, options?: { readonly signal?: AbortSignal }): Promise<PeerConnection>;
  /** Call `listener` when peers, tools or addresses may be others; returns the stop function. */
  onChange(listener: () => void): () => void;
  /** Leave the mesh; nothing is left running. */
  stop(): Promise<void>;
}

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
  });
  const own = createOwnTools(
    registry,
    () => peers.announce(),
    (error) => trouble("describing the page's tools", error),
  );
  const interfaces = (): readonly string[] => own.interfaces;
  const peers: PagePeers = await openPagePeers({ ...needs, node, member, background, interfaces });
  const unwake = needs.onWake(() => peers.wake());
  await peers.start();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    unwake();
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
      return await calls.call({
        ...{ tool, input, caller: localCaller },
        ...(peer !== undefined && { category: `${PEER_PREFIX}${peer}` }),
        ...(signal && { signal: () => signal }),
        ...(onProgress && { events: { progress: onProgress } }),
      });
    },
    tools: async () => (await registry.list(localCaller)).map(shown),
    peers: () => peers.known(),
    connections: () => node.connections(),
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
