/**
 * The tools of connected peers as categories of ours: they appear with a peer, follow its changes,
 * and vanish with it.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { backoffMs } from "../concurrency/retry.ts";
import { InputError, UnavailableError } from "../errors.ts";
import type { Category } from "../registry/category.ts";
import type { Tool } from "../registry/definition.ts";
import type { Registry } from "../registry/registry.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { ClientPool } from "./client-pool.ts";
import { listTools } from "./list-tools.ts";
import type { MeshNode } from "./mesh-node.ts";
import { createPeerTool } from "./peer-tool.ts";
import { MCP_PROTOCOL } from "./protocol.ts";
import type { RpcObject } from "./rpc.ts";

/** The categories of peers. */
export interface PeerCategories {
  /** The category of a peer by its id, name or address; connects where need be. */
  reach(target: string, signal?: AbortSignal): Promise<string>;
  /** The peer behind a category. */
  peerOf(category: string): string | undefined;
  /** A tool that a category does not list; whether there is one, and for whom, its peer says. */
  unlisted(category: string, name: string): Tool | undefined;
  /** Number of its tools that we may see; `undefined` before it was asked. */
  toolsOf(peer: string): number | undefined;
  nameOf(peer: string): string | undefined;
  /** Ask a connected peer again what it offers: it said something new of itself. */
  refresh(peer: string): void;
  close(): void;
}

/** What the categories need. */
export interface PeerCategoriesNeeds {
  readonly node: Pick<MeshNode, "peer" | "connect" | "connections" | "protocolsOf" | "onPeer">;
  readonly pool: ClientPool;
  readonly registry: Pick<Registry, "put" | "remove">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Connects to somebody who is known and not connected; gives an id, or the text as it was. */
  readonly meet?: ((target: string, signal: AbortSignal) => Promise<string>) | undefined;
  /** A peer's tools could not be read. */
  readonly trouble: (peer: string, error: unknown) => void;
}

interface Shown {
  readonly category: string;
  readonly name: string;
  readonly tools: number;
  /** The definitions as they were listed. */
  readonly text: string;
}

/** A peer that cannot be read is asked again after about this long, then longer. */
const RETRY = { initialMs: 1_000, maxMs: 60_000 } as const;
const MAX_ATTEMPTS = 6;
/** What distinguishes peers of the same name: the end of an id, as its beginning is the same in all. */
const SUFFIX_LENGTH = 6;
/** What is no name of a peer: an id in base 58. */
const ID_LIKE = /^[1-9A-HJ-NP-Za-km-z]{40,}$/;
/** The name of a server whose owner gave it none. */
const DEFAULT_NAME = "mcplusplus";

const never: AbortSignal = new AbortController().signal;

/** Follow the peers of a node. */
export function createPeerCategories(needs: PeerCategoriesNeeds): PeerCategories {
  return new WatchedPeers(needs);
}

class WatchedPeers implements PeerCategories {
  readonly #needs: PeerCategoriesNeeds;
  readonly #shown = new Map<string, Shown>();
  readonly #reading = new Map<string, Promise<Shown>>();
  readonly #retries = new Map<string, () => void>();
  /** Peers that are to be read once more when they have been read. */
  readonly #stale = new Set<string>();
  readonly #unlisten: () => void;
  #isClosed = false;

  constructor(needs: PeerCategoriesNeeds) {
    this.#needs = needs;
    this.#unlisten = needs.node.onPeer(({ type, peer }) => {
      if (type === "connected") this.#try(peer, 1);
      else this.#hide(peer);
    });
    for (const { peer } of needs.node.connections()) this.#try(peer, 1);
  }

  peerOf(category: string): string | undefined {
    for (const [peer, shown] of this.#shown) if (shown.category === category) return peer;
    return undefined;
  }

  unlisted(category: string, name: string): Tool | undefined {
    const peer = this.peerOf(category);
    const { pool } = this.#needs;
    const stripped = { count: 0 };
    return peer === undefined ? undefined : createPeerTool({ name }, { peer, pool, stripped });
  }

  toolsOf(peer: string): number | undefined {
    return this.#shown.get(peer)?.tools;
  }

  nameOf(peer: string): string | undefined {
    return this.#shown.get(peer)?.name;
  }

  refresh(peer: string): void {
    if (this.#needs.node.connections(peer).length === 0) return;
    // A list that is on its way may be of the moment before.
    if (this.#reading.has(peer)) this.#stale.add(peer);
    else this.#try(peer, 1);
  }

  async reach(target: string, signal?: AbortSignal): Promise<string> {
    const named = `${PEER_PREFIX}${target}`;
    if (this.peerOf(named) !== undefined) return named;
    const known = this.#shown.get(target);
    if (known) return known.category;
    const { node, meet } = this.#needs;
    const isAddress = target.startsWith("/");
    const who = isAddress ? target : await meet?.(target, signal ?? never);
    if (!isAddress && !ID_LIKE.test(who ?? target)) {
      throw unknownPeer(target, [...this.#shown.values()]);
    }
    const { peer } = await node.connect(who ?? target, signal ? { signal } : {});
    return (this.#shown.get(peer) ?? (await this.#read(peer))).category;
  }

  /** Read a peer's tools; what fails is tried again a few times. */
  #try(peer: string, attempt: number): void {
    if (this.#isClosed) return;
    this.#retries.get(peer)?.();
    this.#retries.delete(peer);
    this.#readIfServer(peer).catch((error: unknown) => {
      const { clock, node, random, trouble } = this.#needs;
      if (this.#isClosed || node.connections(peer).length === 0) return;
      trouble(peer, error);
      if (attempt >= MAX_ATTEMPTS) return;
      const waitMs = backoffMs(attempt, { ...RETRY, random });
      this.#retries.set(
        peer,
        clock.after(waitMs, () => this.#try(peer, attempt + 1)),
      );
    });
  }

  async #readIfServer(peer: string): Promise<void> {
    const protocols = await this.#needs.node.protocolsOf(peer);
    if (protocols.includes(MCP_PROTOCOL)) await this.#read(peer);
  }

  #read(peer: string): Promise<Shown> {
    const running = this.#reading.get(peer);
    if (running) return running;
    const reading = this.#readTools(peer).finally(() => {
      this.#reading.delete(peer);
      if (this.#stale.delete(peer)) this.#try(peer, 1);
    });
    this.#reading.set(peer, reading);
    return reading;
  }

  async #readTools(peer: string): Promise<Shown> {
    const { node, pool, registry } = this.#needs;
    const server = await pool.server(peer);
    const listed = await listTools(pool, peer);
    if (this.#isClosed || node.connections(peer).length === 0) {
      throw new UnavailableError(
        "peer_unreachable",
        `Peer ${peer} left while its tools were read`,
        {
          data: { peer },
        },
      );
    }
    const before = this.#shown.get(peer);
    const text = JSON.stringify(listed);
    // Clients are told of every category that is put, and there is nothing to tell.
    if (before?.text === text) return before;
    const name = before?.name ?? this.#freeName(peer, server.name);
    const category = categoryOf(peer, name, listed, pool);
    const shown = { category: category.name, name, tools: listed.length, text };
    this.#shown.set(peer, shown);
    registry.put(category);
    return shown;
  }

  #freeName(peer: string, given: string | undefined): string {
    const own = (given ?? "").replaceAll(/[^\w.-]/g, "-").slice(0, 40);
    const taken = new Set([...this.#shown.values()].map(({ name }) => name));
    const suffixed = `${own || "peer"}-${peer.slice(-SUFFIX_LENGTH)}`;
    const wanted = own === "" || own === DEFAULT_NAME ? [suffixed] : [own, suffixed];
    // An id is nobody else's; a name with another's suffix may be meant to be taken for it.
    return wanted.find((name) => !taken.has(name)) ?? peer;
  }

  #hide(peer: string): void {
    this.#stale.delete(peer);
    this.#retries.get(peer)?.();
    this.#retries.delete(peer);
    const shown = this.#shown.get(peer);
    this.#shown.delete(peer);
    if (shown) this.#needs.registry.remove(shown.category);
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten();
    for (const peer of [...this.#shown.keys(), ...this.#retries.keys()]) this.#hide(peer);
  }
}

function unknownPeer(target: string, known: readonly Shown[]): InputError {
  const names = known.map(({ name }) => name);
  const hint = names.length > 0 ? `connected are ${names.join(", ")}` : "no peer is connected";
  return new InputError(
    "not_found",
    `There is no peer "${target}": name one by its name, its id (12D3KooW…) or its address (/ip4/…); ${hint}`,
    { data: { peer: target, nearest: names } },
  );
}

function categoryOf(
  peer: string,
  name: string,
  listed: readonly RpcObject[],
  pool: ClientPool,
): Category {
  const stripped = { count: 0 };
  const tools = listed.map((tool) => createPeerTool(tool, { peer, pool, stripped }));
  return {
    name: `${PEER_PREFIX}${name}`,
    title: name,
    description: `Tools of the peer ${name} (${peer})`,
    source: "peer",
    runtime: "mesh",
    toolNames: tools.map((tool) => tool.name),
    load: () => Promise.resolve(tools),
  };
}
