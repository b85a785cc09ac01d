/** Protocol extensions that are served beside MCP's core methods. Types only. @module */

import type { Caller } from "../registry/caller.ts";
import type { ClientCapabilities } from "../registry/context.ts";

/** A protocol extension served beside the core methods, e.g. MCP Tasks. */
export interface Extension {
  /** Advertised under `capabilities.extensions`, e.g. `io.modelcontextprotocol/tasks`. */
  readonly id: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly methods: ReadonlyMap<string, ExtensionMethod>;
  /** Legacy clients find no such methods: what it answers with is not known there. */
  readonly isModernOnly?: boolean;
  /** Its part of `subscriptions/listen`; `undefined` where the request asks nothing of it. */
  listen?(request: ListenRequest, tell: ExtensionTell): Promise<Listening | undefined>;
}

/** Answers one method of an extension. */
export type ExtensionMethod = (
  params: Readonly<Record<string, unknown>>,
  context: ExtensionContext,
) => Promise<Readonly<Record<string, unknown>>>;

/** What a method of an extension knows of its request. */
export interface ExtensionContext {
  readonly caller: Caller;
  /** What the client declared with this request. */
  readonly client: ClientCapabilities;
  readonly signal: AbortSignal;
}

/** A client that listens, until the signal fires. */
export interface ListenRequest extends ExtensionContext {
  /** The filter that it sent. */
  readonly notifications: Readonly<Record<string, unknown>>;
}

/** Sends a notification to a client that listens. */
export type ExtensionTell = (notification: {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}) => void;

/** What an extension agreed to tell. */
export interface Listening {
  /** Its part of the acknowledged filter. */
  readonly acknowledged: Readonly<Record<string, unknown>>;
  /** Called when the client has the acknowledgement. */
  begin(): void;
}
