/**
 * One stream of a peer, served like any other MCP client within what one peer may use.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";
import { type MeshError, ToolError, UnavailableError } from "../errors.ts";
import { isFields, isId, kindOf } from "../mcp/message-kind.ts";
import type { MessageServer } from "../mcp/message-server.ts";
import { RPC_CODE } from "../mcp/protocol.ts";
import { anyRpcErrorOf, type RpcError } from "../mcp/results.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import { type Carriage, openCarriage } from "./carriage.ts";
import { type Dialect, dialectOf, jsonRpc } from "./dialect.ts";
import { fitsFrame } from "./framing.ts";
import type { PeerBook } from "./peer-books.ts";
import type { PeerQuota } from "./peer-quota.ts";
import { ReplayWindow } from "./replay-window.ts";
import type { RpcObject } from "./rpc.ts";

/** Takes a message for the peer; `answers` is the id of the request that it ends. */
export type Write = (text: string, answers?: unknown) => undefined;

/** What serving a stream needs. */
export interface PeerStreamNeeds {
  readonly peer: string;
  /** This node. */
  readonly self: string;
  readonly limits: () => PeerLimits;
  readonly quota: PeerQuota;
  readonly book: PeerBook;
  readonly clock: Clock;
  /** Begin to serve. */
  readonly serve: (peer: string, write: Write) => MessageServer;
  readonly report: (error: Error) => void;
  /** It has ended, whoever ended it. */
  readonly over: () => void;
}

/** A message that no request's limit bounds counts as this many bytes at least: floods of them rest. */
const MIN_MESSAGE_BYTES = 4096;

/** Answers that are ready when this node leaves get this long to go out. */
const LEAVE_MS = 1_000;

/** When to come back, where there is no telling. */
const RETRY_MS = 1_000;

/** One stream of a peer. */
export class PeerStream {
  readonly #needs: PeerStreamNeeds;
  readonly #carriage: Carriage;
  readonly #server: MessageServer;
  readonly #seen: ReplayWindow;
  /** Ids of requests that are not answered yet. */
  readonly #open = new Set<unknown>();
  #dialect: Dialect | undefined;
  #usedAt: number;
  #disarmIdle: (() => void) | undefined;
  #disarmRest: (() => void) | undefined;
  #disarmEnd: (() => void) | undefined;
  #isEnding = false;

  constructor(stream: Stream, needs: PeerStreamNeeds) {
    this.#needs = needs;
    const { peer, clock, limits, book } = needs;
    this.#seen = new ReplayWindow(clock);
    this.#usedAt = clock.monotonic();
    this.#server = needs.serve(peer, (text, answers) => this.#answer(text, answers));
    this.#carriage = openCarriage(stream, {
      maxFrameBytes: limits().maxFrameBytes,
      book,
      events: {
        message: (message, bytes) => this.#receive(message, bytes),
        malformed: ({ message }, bytes) => {
          this.#count(Math.max(bytes, MIN_MESSAGE_BYTES));
          this.#server.refuse(message, RPC_CODE.parseError);
        },
        ended: () => this.#ended(),
        closed: () => this.#closed(),
      },
    });
    this.#watchIdle();
  }

  #receive(message: unknown, bytes: number): void {
    this.#dialect ??= dialectOf(message, this.#needs.self, () => this.#needs.clock.now());
    const isObject = isFields(message);
    const read = isObject ? this.#dialect.read(message) : undefined;
    const kind = read && kindOf(read);
    this.#count(kind === "request" ? bytes : Math.max(bytes, MIN_MESSAGE_BYTES));
    if (!isObject) this.#server.receive(message);
    else if (!read || kind === "answer") return;
    else if (kind === "request") this.#request(read);
    else if (kind === "notification") this.#notice(read);
    else if (kind) {
      const { message: fault } = kind;
      this.#fail(isId(read.id) ? read.id : null, { code: RPC_CODE.invalidRequest, message: fault });
    }
  }

  /** Over its rate: what comes meanwhile waits on the wire, where it costs this node nothing. */
  #count(bytes: number): void {
    this.#usedAt = this.#needs.clock.monotonic();
    const restMs = this.#needs.quota.received(bytes);
    if (restMs === 0) return;
    this.#carriage.pause();
    this.#disarmRest?.();
    this.#disarmRest = this.#needs.clock.after(restMs, () => this.#carriage.resume());
  }

  #request(message: RpcObject): void {
    const { id } = message;
    if (this.#seen.isRepeated(id)) return;
    const refusal = this.#needs.quota.admit();
    if (refusal) {
      this.#seen.forget(id);
      this.#count(MIN_MESSAGE_BYTES);
      this.#refuse(id, refusal);
      return;
    }
    this.#open.add(id);
    this.#server.receive(message);
  }

  #notice(message: RpcObject): void {
    // What is taken back gets no answer.
    if (message.method === "notifications/cancelled") {
      this.#finish((message.params as RpcObject | undefined)?.requestId);
    }
    this.#server.receive(message);
  }

  #refuse(id: unknown, refusal: UnavailableError): void {
    this.#needs.book.refused += 1;
    this.#fail(id, anyRpcErrorOf(refusal));
  }

  #fail(id: unknown, error: RpcError): void {
    this.#send(JSON.stringify({ jsonrpc: "2.0", id, error }));
  }

  /** What the server says: an answer, or a notification. */
  #answer(text: string, answers: unknown): undefined {
    if (answers !== undefined && this.#finish(answers)) this.#needs.book.served += 1;
    const { maxFrameBytes } = this.#needs.limits();
    const written = (this.#dialect ?? jsonRpc).write(text);
    const fault = faultOf(written, maxFrameBytes, this.#carriage.isFull);
    if (!fault) this.#carriage.send(written);
    else if (answers !== undefined) this.#fail(answers, anyRpcErrorOf(fault));
    if (this.#isEnding && this.#open.size === 0) void this.#end();
  }

  #send(text: string): void {
    this.#carriage.send((this.#dialect ?? jsonRpc).write(text));
  }

  #finish(id: unknown): boolean {
    if (!this.#open.delete(id)) return false;
    this.#needs.quota.done();
    this.#usedAt = this.#needs.clock.monotonic();
    return true;
  }

  #watchIdle(): void {
    const { clock, limits } = this.#needs;
    this.#disarmIdle = clock.after(limits().idleMs, () => {
      const isIdle = clock.monotonic() - this.#usedAt >= limits().idleMs;
      if (isIdle && this.#open.size === 0) void this.#end();
      else this.#watchIdle();
    });
  }

  /** The peer asks nothing more: it gets its answers, and that is all. */
  #ended(): void {
    this.#isEnding = true;
    if (this.#open.size === 0) void this.#end();
  }

  /** In order; a peer that takes nothing, or leaves its own side open, is cut off after a while. */
  #end(withinMs: number = this.#needs.limits().idleMs): Promise<void> {
    this.#disarmEnd?.();
    this.#disarmEnd = this.#needs.clock.after(withinMs, () => this.#carriage.abort(STUCK));
    return this.#carriage.close();
  }

  #closed(): void {
    for (const disarm of [this.#disarmIdle, this.#disarmRest, this.#disarmEnd]) disarm?.();
    for (const id of [...this.#open]) this.#finish(id);
    this.#server.close().catch(this.#needs.report);
    this.#needs.over();
  }

  async close(): Promise<void> {
    await this.#server.drain();
    await this.#end(LEAVE_MS);
  }
}

const STUCK: Error = new Error("the peer did not take the rest, or did not close its side");

/** Why an answer cannot be sent as it is. */
function faultOf(text: string, maxFrameBytes: number, isFull: boolean): MeshError | undefined {
  if (isFull) {
    const message = "Too many bytes of answers wait for this peer: it must read them first";
    return new UnavailableError("queue_full", message, { data: { retryAfterMs: RETRY_MS } });
  }
  if (fitsFrame(text, maxFrameBytes)) return undefined;
  return new ToolError(
    "too_large",
    `The answer has ${text.length} characters, more than the ${maxFrameBytes} bytes of a message: ask for less at once`,
    { data: { maxFrameBytes } },
  );
}
