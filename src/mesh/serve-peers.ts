/**
 * The answering side of the mesh: streams of peers, each served like any other MCP client, on
 * behalf of that peer and within what one peer may use.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";
import { IntegrityError, type UnavailableError } from "../errors.ts";
import { RPC_CODE } from "../mcp/protocol.ts";
import { anyRpcErrorOf } from "../mcp/results.ts";
import type { MessageServer } from "../mcp/serve-messages.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import { type Carriage, openCarriage } from "./carriage.ts";
import { type Dialect, dialectOf, jsonRpc } from "./dialect.ts";
import type { MeshNode } from "./mesh-node.ts";
import type { PeerBook, PeerBooks } from "./peer-books.ts";
import { createPeerQuota, type PeerQuota } from "./peer-quota.ts";
import { MCP_PROTOCOL } from "./protocol.ts";
import { ReplayWindow } from "./replay-window.ts";
import type { RpcObject } from "./rpc.ts";

/** Takes a message for the peer; `answers` is the id of the request that it ends. */
export type Write = (text: string, answers?: unknown) => undefined;

/** What serving peers needs. */
export interface ServePeersNeeds {
  readonly node: Pick<MeshNode, "handle" | "onPeer" | "peer" | "connections">;
  readonly limits: () => PeerLimits;
  readonly books: PeerBooks;
  readonly clock: Clock;
  /** Begin to serve one stream of a peer. */
  readonly serve: (peer: string, write: Write) => MessageServer;
  readonly report: (error: Error) => void;
}

/** Serve every peer that opens a stream, until the returned function is called. */
export async function servePeers(needs: ServePeersNeeds): Promise<() => Promise<void>> {
  const { node, limits, books, clock } = needs;
  const quotas = new Map<string, PeerQuota>();
  const streams = new Set<PeerStream>();
  const quotaOf = (peer: string): PeerQuota => {
    const known = quotas.get(peer);
    if (known) return known;
    const quota = createPeerQuota(peer, limits, clock);
    quotas.set(peer, quota);
    return quota;
  };
  const countOf = (peer: string): number =>
    [...streams].filter((stream) => stream.peer === peer).length;
  const unhandle = await node.handle(MCP_PROTOCOL, (stream, peer) => {
    const bound = limits().streamsPerPeer;
    if (countOf(peer) >= bound) {
      stream.abort(new IntegrityError("malformed_frame", `a peer may open ${bound} streams`));
      return;
    }
    const served = new PeerStream(stream, peer, needs, quotaOf(peer), books.of(peer), () => {
      streams.delete(served);
      // A peer that comes back at once must not find its bucket full again.
      if (countOf(peer) === 0 && node.connections(peer).length === 0) quotas.delete(peer);
    });
    streams.add(served);
  });
  return async () => {
    await unhandle();
    await Promise.all([...streams].map((stream) => stream.close()));
  };
}

/** One stream of a peer. */
class PeerStream {
  readonly peer: string;
  readonly #needs: ServePeersNeeds;
  readonly #quota: PeerQuota;
  readonly #book: PeerBook;
  readonly #carriage: Carriage;
  readonly #server: MessageServer;
  readonly #seen: ReplayWindow;
  /** Ids of requests that are not answered yet. */
  readonly #open = new Set<unknown>();
  readonly #over: () => void;
  #dialect: Dialect | undefined;
  #usedAt: number;
  #disarmIdle: (() => void) | undefined;
  #isEnding = false;

  constructor(
    stream: Stream,
    peer: string,
    needs: ServePeersNeeds,
    quota: PeerQuota,
    book: PeerBook,
    over: () => void,
  ) {
    this.peer = peer;
    this.#needs = needs;
    this.#quota = quota;
    this.#book = book;
    this.#over = over;
    this.#seen = new ReplayWindow(needs.clock);
    this.#usedAt = needs.clock.monotonic();
    this.#server = needs.serve(peer, (text, answers) => this.#answer(text, answers));
    this.#carriage = openCarriage(stream, {
      maxFrameBytes: needs.limits().maxFrameBytes,
      book,
      events: {
        message: (message, bytes) => this.#receive(message, bytes),
        malformed: ({ message }) => this.#server.refuse(message, RPC_CODE.parseError),
        ended: () => this.#ended(),
        closed: () => this.#closed(),
      },
    });
    this.#watchIdle();
  }

  #receive(message: unknown, bytes: number): void {
    this.#usedAt = this.#needs.clock.monotonic();
    const restMs = this.#quota.received(bytes);
    if (restMs > 0) this.#rest(restMs);
    this.#dialect ??= dialectOf(message, this.#needs.node.peer, () => this.#needs.clock.now());
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      this.#server.receive(message);
      return;
    }
    const request = this.#dialect.read(message as RpcObject);
    if (request) this.#deliver(request);
  }

  #deliver(message: RpcObject): void {
    const { id, method } = message;
    const isRequest = id !== undefined && id !== null && method !== undefined;
    if (isRequest) {
      if (this.#seen.isRepeated(id)) return;
      const refusal = this.#quota.admit();
      if (refusal) {
        this.#refuse(id, refusal);
        return;
      }
      this.#open.add(id);
    } else if (method === "notifications/cancelled") {
      // What is taken back gets no answer.
      this.#finish((message.params as RpcObject | undefined)?.requestId);
    }
    this.#server.receive(message);
  }

  /** Over its rate: what comes meanwhile waits on the wire, where it costs this node nothing. */
  #rest(ms: number): void {
    this.#carriage.pause();
    this.#needs.clock.after(ms, () => this.#carriage.resume());
  }

  #refuse(id: unknown, refusal: UnavailableError): void {
    this.#book.refused += 1;
    this.#send(JSON.stringify({ jsonrpc: "2.0", id, error: anyRpcErrorOf(refusal) }));
  }

  /** What the server says: an answer, or a notification. */
  #answer(text: string, answers: unknown): undefined {
    if (answers !== undefined && this.#finish(answers)) this.#book.served += 1;
    const { maxFrameBytes } = this.#needs.limits();
    if (fits(text, maxFrameBytes)) this.#send(text);
    else if (answers !== undefined) this.#send(tooLarge(text, answers, maxFrameBytes));
    if (this.#isEnding && this.#open.size === 0) this.#end();
  }

  #send(text: string): void {
    this.#carriage.send((this.#dialect ?? jsonRpc).write(text));
  }

  #finish(id: unknown): boolean {
    if (!this.#open.delete(id)) return false;
    this.#quota.done();
    this.#usedAt = this.#needs.clock.monotonic();
    return true;
  }

  #watchIdle(): void {
    const { clock, limits } = this.#needs;
    this.#disarmIdle = clock.after(limits().idleMs, () => {
      const isIdle = clock.monotonic() - this.#usedAt >= limits().idleMs;
      if (isIdle && this.#open.size === 0) this.#end();
      else this.#watchIdle();
    });
  }

  /** The peer asks nothing more: it gets its answers, and that is all. */
  #ended(): void {
    this.#isEnding = true;
    if (this.#open.size === 0) this.#end();
  }

  #end(): void {
    this.#carriage.close().catch((error: Error) => this.#carriage.abort(error));
  }

  #closed(): void {
    this.#disarmIdle?.();
    for (const id of [...this.#open]) this.#finish(id);
    this.#server.close().catch(this.#needs.report);
    this.#over();
  }

  async close(): Promise<void> {
    await this.#server.drain();
    await this.#carriage.close();
  }
}

const encoder = new TextEncoder();

/** Whether a text is at most so long as UTF-8, of which a UTF-16 unit takes one to three bytes. */
function fits(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return true;
  return text.length <= maxBytes && encoder.encode(text).length <= maxBytes;
}

function tooLarge(text: string, id: unknown, maxFrameBytes: number): string {
  const message = `The answer has ${text.length} characters, more than the ${maxFrameBytes} bytes of a message: ask for less at once`;
  const data = { code: "too_large", maxFrameBytes };
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: { code: RPC_CODE.internalError, message, data },
  });
}
