/**
 * One wire, two speakers: the SDK's client, which connects, negotiates and listens, and our own
 * requests, which go straight through.
 *
 * A call of a tool costs one JSON text out and one in; the SDK's checks of what it sends and gets
 * would cost several times that, and the tool's own schemas are checked anyway.
 *
 * @module
 */

import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import { ToolError, UnavailableError } from "../errors.ts";
import {
  type Envelope,
  errorOfAnswer,
  type LinkEvents,
  type LinkRequest,
  type RpcError,
  type RpcObject,
} from "./rpc.ts";
import { cleanJson, type Stripped } from "./sanitize.ts";
import type { Arrival, StdioTransport } from "./stdio-transport.ts";

interface Waiting {
  readonly resolve: (result: RpcObject) => void;
  readonly reject: (error: Error) => void;
  readonly request: LinkRequest;
  readonly unlink: () => void;
}

type Incoming = Readonly<Record<string, unknown>>;

const PREFIX = "mcpp:";

/** A transport for the SDK's client that also carries our own requests. */
export class Link implements Transport {
  readonly #upstream: string;
  readonly #inner: Transport;
  readonly #events: LinkEvents;
  readonly #waiting = new Map<string, Waiting>();
  #lastId = 0;
  #lost: Error | undefined;
  readonly stripped: Stripped = { count: 0 };
  /** Set once a modern era is agreed on; legacy servers get no envelope. */
  envelope: Envelope | undefined;
  /** Set once a legacy era is agreed on: only then may the server send requests. */
  isLegacy = false;
  readonly hasPerRequestStream: boolean;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];

  constructor(upstream: string, inner: Transport, events: LinkEvents) {
    this.#upstream = upstream;
    this.#inner = inner;
    this.#events = events;
    this.hasPerRequestStream = inner.hasPerRequestStream === true;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  start(): Promise<void> {
    const inner = this.#inner as Transport & Partial<StdioTransport>;
    inner.onclose = () => {
      this.fail(this.#lost ?? this.#events.ended());
      this.onclose?.();
    };
    inner.onerror = (error) => this.onerror?.(error);
    inner.onmessage = (message) => this.#receive(message as Incoming, { mayHide: true });
    inner.onarrival = (message, arrival) => this.#receive(message as Incoming, arrival);
    inner.onoversize = (id) => this.#oversize(id);
    return inner.start();
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    return this.#inner.send(message, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }

  /** Ask the mounted server; rejects with an error of ours. */
  request(method: string, params: RpcObject, request: LinkRequest = {}): Promise<RpcObject> {
    if (this.#lost) return Promise.reject(this.#lost);
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = `${PREFIX}${++this.#lastId}`;
    return new Promise((resolve, reject) => {
      const stream = this.hasPerRequestStream ? new AbortController() : undefined;
      const cancel = (): void => this.#cancel(id, signal?.reason, stream);
      signal?.addEventListener("abort", cancel, { once: true });
      const unlink = (): void => signal?.removeEventListener("abort", cancel);
      this.#waiting.set(id, { resolve, reject, request, unlink });
      const message = { jsonrpc: "2.0", id, method, params: this.#paramsOf(id, params, request) };
      this.#inner
        .send(message as JSONRPCMessage, stream && this.#streamOptions(id, request, stream))
        .catch((error: unknown) => this.#take(id)?.reject(this.#events.unsent(error)));
    });
  }

  #streamOptions(
    id: string,
    { headers }: LinkRequest,
    stream: AbortController,
  ): TransportSendOptions {
    return {
      requestSignal: stream.signal,
      onRequestStreamEnd: () => this.#take(id)?.reject(this.#gone("ended its answer too early")),
      ...(headers && { headers }),
    };
  }

  #paramsOf(id: string, params: RpcObject, { progress, client }: LinkRequest): RpcObject {
    if (!this.envelope && !progress) return params;
    const meta: Record<string, unknown> = progress ? { progressToken: id } : {};
    if (this.envelope) {
      meta[PROTOCOL_VERSION_META_KEY] = this.envelope.protocolVersion;
      meta[CLIENT_INFO_META_KEY] = this.envelope.clientInfo;
      meta[CLIENT_CAPABILITIES_META_KEY] = client ?? {};
    }
    return { ...params, _meta: meta };
  }

  /** Tell the server something; what cannot be told is reported as an error of the connection. */
  notify(method: string, params: RpcObject): void {
    this.#tell({ jsonrpc: "2.0", method, params: this.#paramsOf("", params, {}) });
  }

  /** Answer a request of the server. */
  answer(
    id: RequestId,
    outcome: { readonly result: unknown } | { readonly error: RpcError },
  ): void {
    this.#tell({ jsonrpc: "2.0", id, ...outcome });
  }

  #tell(message: object): void {
    this.#inner
      .send(message as JSONRPCMessage)
      .catch((error: unknown) => this.onerror?.(error as Error));
  }

  #cancel(id: string, reason: unknown, stream: AbortController | undefined): void {
    const waiting = this.#take(id);
    if (!waiting) return;
    // Closing the stream is how a modern HTTP server is told; all others get a notification.
    if (!stream || this.isLegacy) {
      this.notify("notifications/cancelled", { requestId: id, reason: "The caller gave up" });
    }
    stream?.abort(reason);
    waiting.reject(reason as Error);
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    waiting.unlink();
    return waiting;
  }

  /** Everything that still waits fails with this, and so does all that is asked later. */
  fail(error: Error): void {
    this.#lost ??= error;
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(this.#lost);
  }

  #receive(message: Incoming, arrival: Arrival): void {
    const { id, method } = message;
    if (typeof id === "string" && id.startsWith(PREFIX) && method === undefined) {
      this.#settle(id, message, arrival);
    } else if (typeof method !== "string") this.onmessage?.(message as JSONRPCMessage);
    else if (id === undefined) this.#notified(method, message, arrival);
    else this.#requested(id as RequestId, method, message, arrival);
  }

  #settle(id: string, message: Incoming, { mayHide }: Arrival): void {
    const waiting = this.#take(id);
    if (!waiting) return;
    const { error, result } = message;
    if (error !== undefined) {
      const cleaned = cleanJson(error, this.stripped) as RpcError;
      waiting.reject(errorOfAnswer(this.#upstream, cleaned));
    } else if (typeof result !== "object" || result === null) {
      waiting.reject(this.#gone("answered with something that is no result"));
    } else {
      const isClean = waiting.request.isRaw === true || !mayHide;
      waiting.resolve((isClean ? result : cleanJson(result, this.stripped)) as RpcObject);
    }
  }

  #cleanParams({ params = {} }: Incoming, { mayHide }: Arrival): RpcObject {
    return (mayHide ? cleanJson(params, this.stripped) : params) as RpcObject;
  }

  #notified(method: string, message: Incoming, arrival: Arrival): void {
    const params = this.#cleanParams(message, arrival);
    const { progressToken } = params;
    if (method === "notifications/progress" && typeof progressToken === "string") {
      const { progress, total, message: text } = params;
      const waiting = this.#waiting.get(progressToken);
      if (waiting && typeof progress === "number") {
        const end = typeof total === "number" ? total : undefined;
        waiting.request.progress?.(progress, end, typeof text === "string" ? text : undefined);
      }
      return;
    }
    this.#events.notification(method, params);
    this.onmessage?.(message as JSONRPCMessage);
  }

  #requested(id: RequestId, method: string, message: Incoming, arrival: Arrival): void {
    const params = this.#cleanParams(message, arrival);
    const isOurs = this.isLegacy && this.#events.request({ id, method, params });
    if (!isOurs) this.onmessage?.(message as JSONRPCMessage);
  }

  #oversize(id: string | undefined): void {
    const error = new ToolError(
      "too_large",
      `"${this.#upstream}" answered with a larger result than allowed; ask for less, or raise upstream.maxResultBytes`,
      { data: { upstream: this.#upstream } },
    );
    if (id !== undefined) this.#take(id)?.reject(error);
    else this.onerror?.(error);
  }

  #gone(what: string): UnavailableError {
    return new UnavailableError("upstream_unavailable", `"${this.#upstream}" ${what}`, {
      data: { upstream: this.#upstream },
    });
  }
}
