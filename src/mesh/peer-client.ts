/**
 * The asking side of one stream: many requests in flight, answers in any order, cancellation,
 * progress, and a time for each answer.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError, InputError, messageOf, UnavailableError } from "../errors.ts";
import { type Carriage, openCarriage } from "./carriage.ts";
import { fitsFrame } from "./framing.ts";
import type { PeerBook } from "./peer-books.ts";
import { type PeerRequest, type Progress, type RpcObject, readAnswer, requestText } from "./rpc.ts";

/** Requests to one peer over one stream. */
export interface PeerClient {
  readonly isOpen: boolean;
  readonly inFlight: number;
  /** When a request was last made or answered, by the monotonic clock. */
  readonly usedAt: number;
  /**
   * The `result` of a request. Throws what the peer answered as an error; `peer_unreachable` where
   * the stream broke, `deadline_exceeded` where the peer is there and did not answer in time.
   */
  request(method: string, params: RpcObject, options?: PeerRequest): Promise<RpcObject>;
  notify(method: string, params: RpcObject): void;
  close(): Promise<void>;
  abort(error: Error): void;
}

/** What a client needs. */
export interface PeerClientNeeds {
  readonly peer: string;
  readonly clock: Clock;
  readonly maxFrameBytes: number;
  /** Time for an answer; progress begins it again. */
  readonly requestMs: () => number;
  /** Round trip to the peer, below MCP; rejects where it is gone. */
  readonly ping: (signal: AbortSignal) => Promise<unknown>;
  readonly book: Pick<PeerBook, "bytesIn" | "bytesOut">;
}

interface Pending {
  readonly method: string;
  readonly resolve: (result: RpcObject) => void;
  readonly reject: (error: Error) => void;
  readonly progress: PeerRequest["progress"];
  /** By the monotonic clock. */
  dueAt: number;
}

/** In one request's time the peer is looked after this often. */
const LOOKS_PER_REQUEST = 4;
const CLOSE_MS = 1_000;

/** A client over an open stream. */
export function createPeerClient(stream: Stream, needs: PeerClientNeeds): PeerClient {
  return new StreamClient(stream, needs);
}

class StreamClient implements PeerClient {
  readonly #needs: PeerClientNeeds;
  readonly #carriage: Carriage;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #disarm: (() => void) | undefined;
  #heardAt: number;
  #isPinging = false;
  /** What the peer said of the stream as a whole, by which it may explain its end. */
  #lastWord: Error | undefined;
  usedAt: number;

  constructor(stream: Stream, needs: PeerClientNeeds) {
    this.#needs = needs;
    this.usedAt = needs.clock.monotonic();
    this.#heardAt = this.usedAt;
    this.#carriage = openCarriage(stream, {
      maxFrameBytes: needs.maxFrameBytes,
      book: needs.book,
      events: {
        message: (message) => this.#receive(message),
        malformed: (error) => this.abort(error),
        ended: () => this.abort(new Error("the peer ended the stream")),
        closed: (error) => this.#over(error),
      },
    });
  }

  get isOpen(): boolean {
    return this.#carriage.isOpen;
  }
  get inFlight(): number {
    return this.#pending.size;
  }

  request(method: string, params: RpcObject, options: PeerRequest = {}): Promise<RpcObject> {
    const { signal, progress } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!this.isOpen) return Promise.reject(this.#gone({ isStarted: false }));
    const id = this.#nextId++;
    const text = requestText(id, method, params, options);
    const fault = this.#faultOf(method, text);
    if (fault) return Promise.reject(fault);
    const { promise, resolve, reject } = Promise.withResolvers<RpcObject>();
    this.usedAt = this.#needs.clock.monotonic();
    const dueAt = this.usedAt + this.#needs.requestMs();
    this.#pending.set(id, { method, resolve, reject, progress, dueAt });
    this.#carriage.send(text);
    this.#watch();
    if (!signal) return promise;
    const cancel = (): void => this.#cancel(id, signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", cancel));
  }

  /** Why a request is not sent: the peer would end the stream, and with it all other requests. */
  #faultOf(method: string, text: string): InputError | UnavailableError | undefined {
    const { maxFrameBytes, peer } = this.#needs;
    const data = { peer, isStarted: false };
    if (!fitsFrame(text, maxFrameBytes)) {
      const message = `"${method}" for peer ${peer} has ${text.length} characters, more than the ${maxFrameBytes} bytes of a message: send less at once`;
      return new InputError("body_too_large", message, { data: { ...data, maxFrameBytes } });
    }
    if (!this.#carriage.isFull) return undefined;
    const message = `Peer ${peer} does not take what it is sent: too much waits for it already`;
    return new UnavailableError("queue_full", message, { data });
  }

  notify(method: string, params: RpcObject): void {
    this.#carriage.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  #cancel(id: number, reason: unknown): void {
    const pending = this.#take(id);
    if (!pending) return;
    this.notify("notifications/cancelled", { requestId: id, reason: messageOf(reason) });
    pending.reject(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #take(id: unknown): Pending | undefined {
    const pending = this.#pending.get(id as number);
    // A repeated answer finds nobody waiting: that is all it takes to drop it.
    if (pending) this.#pending.delete(id as number);
    return pending;
  }

  #receive(message: unknown): void {
    this.#heardAt = this.#needs.clock.monotonic();
    const answer = readAnswer(this.#needs.peer, message);
    if (answer?.kind === "progress") this.#progressed(answer.token, answer.progress);
    if (answer?.kind !== "result" && answer?.kind !== "error") return;
    if (answer.kind === "error" && answer.id === null) this.#lastWord = answer.error;
    const pending = this.#take(answer.id);
    if (!pending) return;
    this.usedAt = this.#heardAt;
    if (answer.kind === "result") pending.resolve(answer.result);
    else pending.reject(answer.error);
  }

  #progressed(token: unknown, progress: Progress): void {
    const pending = this.#pending.get(token as number);
    if (!pending) return;
    pending.dueAt = this.#heardAt + this.#needs.requestMs();
    pending.progress?.(...progress);
  }

  /** One timer looks after all requests: a timer for each would cost more than most requests. */
  #watch(): void {
    if (this.#disarm || this.#pending.size === 0) return;
    const everyMs = Math.max(1, this.#needs.requestMs() / LOOKS_PER_REQUEST);
    const now = this.#needs.clock.monotonic();
    let waitMs = everyMs;
    for (const { dueAt } of this.#pending.values()) waitMs = Math.min(waitMs, dueAt - now);
    this.#disarm = this.#needs.clock.after(Math.max(1, waitMs), () => {
      this.#disarm = undefined;
      this.#look(everyMs);
      this.#watch();
    });
  }

  #look(everyMs: number): void {
    const now = this.#needs.clock.monotonic();
    for (const [id, { dueAt, method }] of this.#pending) {
      if (now < dueAt) continue;
      const { peer } = this.#needs;
      const ms = this.#needs.requestMs();
      const message = `Peer ${peer} did not answer "${method}" within ${ms} ms; it is connected`;
      this.#cancel(id, new DeadlineError("deadline_exceeded", message, { data: { peer } }));
    }
    if (this.#pending.size > 0 && now - this.#heardAt >= everyMs && !this.#isPinging) {
      void this.#checkPeer(everyMs);
    }
  }

  /** Nothing came for a while: whether the peer is still there tells slow from gone. */
  async #checkPeer(withinMs: number): Promise<void> {
    this.#isPinging = true;
    const giveUp = new AbortController();
    const disarm = this.#needs.clock.after(withinMs, () => giveUp.abort(new Error("no answer")));
    try {
      await this.#needs.ping(giveUp.signal);
      this.#heardAt = this.#needs.clock.monotonic();
    } catch (cause) {
      this.abort(new Error(`it does not answer pings: ${messageOf(cause)}`, { cause }));
    } finally {
      disarm();
      this.#isPinging = false;
    }
  }

  async close(): Promise<void> {
    const closed = new Error("this node closed the stream");
    // A peer that is gone without a word takes nothing, not even the end.
    const disarm = this.#needs.clock.after(CLOSE_MS, () => this.abort(closed));
    const closing = this.#carriage.close();
    // Nobody waits for answers any more, so neither for a peer that does not even take the questions.
    if (this.#pending.size > 0) this.abort(closed);
    await closing.finally(disarm);
    this.#over();
  }

  abort(error: Error): void {
    this.#carriage.abort(error);
  }

  #over(error?: Error): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const gone = this.#gone({}, this.#lastWord ?? error);
    for (const { reject } of this.#pending.values()) reject(gone);
    this.#pending.clear();
  }

  #gone(data: RpcObject, cause?: Error): UnavailableError {
    const { peer } = this.#needs;
    const why = cause ? `: ${cause.message}` : "";
    return new UnavailableError(
      "peer_unreachable",
      `The connection to peer ${peer} was lost before it answered${why}`,
      { data: { peer, ...data }, cause },
    );
  }
}
