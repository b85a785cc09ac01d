/**
 * One warm stream to each peer that is asked something: opened on first use, used by all calls at
 * once, replaced when it breaks, closed when it is idle.
 *
 * @module
 */

import type { Breaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import type { MeshNode } from "./mesh-node.ts";
import type { PeerBook, PeerBooks } from "./peer-books.ts";
import { createPeerClient, type PeerClient } from "./peer-client.ts";
import { discover, initialize, type PeerServer } from "./peer-server.ts";
import { MCP_PROTOCOL } from "./protocol.ts";
import type { PeerRequest, RpcObject } from "./rpc.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { notStarted, resting } from "./unreached.ts";

/** Requests to any peer. */
export interface ClientPool {
  /**
   * The result of a request to a peer. An error whose `data.isStarted` is false proves that the peer
   * never saw it.
   */
  request(
    peer: string,
    method: string,
    params: RpcObject,
    options?: PeerRequest,
  ): Promise<RpcObject>;
  /** What a peer's server is; asked once. */
  server(peer: string, signal?: AbortSignal): Promise<PeerServer>;
  breakerOf(peer: string): Breaker;
  /** Close every stream. */
  close(): Promise<void>;
}

/** What a pool needs. */
export interface ClientPoolNeeds {
  readonly node: Pick<MeshNode, "openStream" | "ping" | "onPeer" | "connections">;
  readonly limits: () => PeerLimits;
  readonly books: PeerBooks;
  readonly breaker: () => Breaker;
  readonly clock: Clock;
}

interface Entry {
  readonly peer: string;
  readonly breaker: Breaker;
  readonly book: PeerBook;
  client?: PeerClient | undefined;
  /** Its stream went by somebody else when it was opened. */
  isRelayed?: boolean;
  opening?: Promise<PeerClient> | undefined;
  server?: PeerServer | undefined;
  asking?: Promise<PeerServer> | undefined;
}

/** A pool without streams. */
export function createClientPool(needs: ClientPoolNeeds): ClientPool {
  return new StreamPool(needs);
}

class StreamPool implements ClientPool {
  readonly #needs: ClientPoolNeeds;
  readonly #entries = new Map<string, Entry>();
  readonly #unlisten: () => void;
  #disarm: (() => void) | undefined;
  #isClosed = false;

  constructor(needs: ClientPoolNeeds) {
    this.#needs = needs;
    // What a peer is may have changed when it comes back, and what it failed at is over.
    this.#unlisten = needs.node.onPeer(({ type, peer }) => {
      if (type === "disconnected") this.#entries.delete(peer);
    });
  }

  async request(
    peer: string,
    method: string,
    params: RpcObject,
    options: PeerRequest = {},
  ): Promise<RpcObject> {
    const { clock } = this.#needs;
    const entry = this.#entry(peer);
    const { book } = entry;
    const startedAt = clock.monotonic();
    book.calls += 1;
    book.inFlight += 1;
    try {
      if (entry.isRelayed) this.#leaveRelay(entry);
      const isWarm = entry.client?.isOpen === true && entry.server !== undefined;
      if (isWarm) book.reused += 1;
      const { era } = entry.server ?? (await this.#ask(entry, options.signal));
      const client = entry.client?.isOpen ? entry.client : await this.#open(entry, options.signal);
      const result = await this.#requestOn(client, entry, method, params, { ...options, era });
      const at = clock.monotonic();
      book.ended(at, at - startedAt, false);
      return result;
    } catch (error) {
      const at = clock.monotonic();
      book.ended(at, at - startedAt, true);
      throw error;
    } finally {
      book.inFlight -= 1;
    }
  }

  async #requestOn(
    client: PeerClient,
    entry: Entry,
    ...request: Parameters<PeerClient["request"]>
  ): Promise<RpcObject> {
    try {
      const result = await client.request(...request);
      entry.breaker.success();
      return result;
    } catch (error) {
      // A stream that breaks is one failure, however many requests it carried; an answer is none.
      if (!client.isOpen && entry.client === client) {
        entry.client = undefined;
        entry.breaker.failure();
      }
      throw error;
    }
  }

  /** Relays carry little and not for long: a direct way is taken as soon as there is one. */
  #leaveRelay(entry: Entry): void {
    const { client, peer } = entry;
    if (!client || this.#needs.node.connections(peer).every(({ isRelayed }) => isRelayed)) return;
    entry.client = undefined;
    entry.isRelayed = false;
    // What it still carries ends there; its peer closes it then.
    if (client.inFlight === 0) void client.close();
  }

  server(peer: string, signal?: AbortSignal): Promise<PeerServer> {
    const entry = this.#entry(peer);
    return entry.server ? Promise.resolve(entry.server) : this.#ask(entry, signal);
  }

  breakerOf(peer: string): Breaker {
    return this.#entry(peer).breaker;
  }

  #entry(peer: string): Entry {
    const known = this.#entries.get(peer);
    if (known) return known;
    const { breaker, books } = this.#needs;
    const entry: Entry = { peer, breaker: breaker(), book: books.of(peer) };
    this.#entries.set(peer, entry);
    return entry;
  }

  /** The open stream, or a new one; those who ask meanwhile wait for the same. */
  #open(entry: Entry, signal: AbortSignal | undefined): Promise<PeerClient> {
    if (entry.client?.isOpen) return Promise.resolve(entry.client);
    entry.opening ??= this.#dial(entry).finally(() => {
      entry.opening = undefined;
    });
    return unlessAborted(entry.opening, signal);
  }

  async #dial(entry: Entry): Promise<PeerClient> {
    const { peer, breaker, book } = entry;
    if (this.#isClosed) throw notStarted(peer, "this node has left the mesh");
    if (!breaker.allow()) throw resting(peer, breaker.retryAfterMs);
    const { node, clock, limits } = this.#needs;
    book.dials += 1;
    let client: PeerClient | undefined;
    try {
      const stream = await node.openStream(peer, MCP_PROTOCOL, { timeoutMs: limits().requestMs });
      client = createPeerClient(stream, {
        peer,
        clock,
        book,
        maxFrameBytes: limits().maxFrameBytes,
        requestMs: () => limits().requestMs,
        ping: (signal) => node.ping(peer, { signal }),
      });
      entry.isRelayed = node.connections(peer)[0]?.isRelayed === true;
      if (entry.server?.era === "legacy") await initialize(client);
    } catch (cause) {
      client?.abort(new Error("the peer did not begin"));
      book.dialFailures += 1;
      breaker.failure();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw notStarted(peer, reason, cause);
    }
    // The one attempt that a half-open breaker lets through has ended, whatever is asked next.
    if (breaker.state === "half-open") breaker.success();
    entry.client = client;
    this.#watchIdle();
    return client;
  }

  #ask(entry: Entry, signal: AbortSignal | undefined): Promise<PeerServer> {
    entry.asking ??= this.#askServer(entry).finally(() => {
      entry.asking = undefined;
    });
    return unlessAborted(entry.asking, signal);
  }

  async #askServer(entry: Entry): Promise<PeerServer> {
    const client = await this.#open(entry, undefined);
    entry.server = await discover(client);
    if (entry.server) return entry.server;
    // The era of a stream is that of its first message, so the old one begins with another.
    await client.close();
    entry.client = undefined;
    entry.server = await initialize(await this.#open(entry, undefined));
    return entry.server;
  }

  #watchIdle(): void {
    if (this.#disarm || this.#isClosed) return;
    const { clock, limits } = this.#needs;
    // Sooner than the peer would: a request that crosses its goodbye would be lost.
    this.#disarm = clock.after(limits().idleMs / 4, () => {
      this.#disarm = undefined;
      const since = clock.monotonic() - limits().idleMs / 2;
      let isAnyOpen = false;
      for (const { client } of this.#entries.values()) {
        if (!client?.isOpen) continue;
        if (client.inFlight > 0 || client.usedAt > since) isAnyOpen = true;
        else void client.close();
      }
      if (isAnyOpen) this.#watchIdle();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#disarm?.();
    this.#unlisten();
    await Promise.all([...this.#entries.values()].map(({ client }) => client?.close()));
    this.#entries.clear();
  }
}
