/**
 * What happened on the server, lately: a bounded ring of events, and those who listen.
 *
 * It feeds `GET /events`; tool calls among the events are the audit log's source.
 *
 * @module
 */

/** A call of a tool that has ended. The input itself is never part of it. */
export interface ToolCallEvent {
  readonly type: "tool_call";
  readonly caller: string;
  readonly tool: string;
  readonly category?: string;
  /** SHA-256 of the input's canonical JSON, where auditing is on. */
  readonly argsDigest?: string;
  /** `ok`, or the error's code. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly runtime: string;
  readonly traceId?: string;
}

/** A mounted server changed its state. */
export interface UpstreamEvent {
  readonly type: "upstream";
  readonly upstream: string;
  readonly state: string;
  readonly detail?: string;
}

/** A mounted server waits until a person allows its use at this address. */
export interface ConsentEvent {
  readonly type: "consent";
  readonly upstream: string;
  readonly url: string;
}

/** The configuration was read again. */
export interface ReloadEvent {
  readonly type: "reload";
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
}

/** The mesh started, or could not. */
export interface MeshStateEvent {
  readonly type: "mesh";
  readonly state: string;
  readonly reason?: string;
}

/** Something that happened. */
export type ServerEvent =
  | ToolCallEvent
  | UpstreamEvent
  | ConsentEvent
  | ReloadEvent
  | MeshStateEvent;

/** An event in the feed. */
export interface FeedEntry {
  /** Counts up from 1. */
  readonly id: number;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly event: ServerEvent;
}

/** Recent events and those to come. */
export interface EventFeed {
  publish(event: ServerEvent): void;
  /** Call `listener` for every event from now on; returns the stop function. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** The events after `id`, as far as they are still kept, oldest first. */
  since(id: number): readonly FeedEntry[];
  /** The id of the newest event; 0 before the first. */
  readonly lastId: number;
}

/** Enough for a client that lost its connection for a moment. */
const DEFAULT_CAPACITY = 1000;

/** An empty feed that keeps the newest `capacity` events. */
export function createEventFeed(
  clock: { now(): number },
  capacity: number = DEFAULT_CAPACITY,
): EventFeed {
  const ring: FeedEntry[] = [];
  const listeners = new Set<(entry: FeedEntry) => void>();
  let lastId = 0;
  return {
    get lastId() {
      return lastId;
    },
    publish(event) {
      lastId += 1;
      const entry: FeedEntry = { id: lastId, at: clock.now(), event };
      ring[lastId % capacity] = entry;
      for (const listener of listeners) listener(entry);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    since(id) {
      const oldest = Math.max(lastId - capacity + 1, 1);
      const first = Math.max(Math.floor(id) + 1, oldest);
      const entries: FeedEntry[] = [];
      for (let at = first; at <= lastId; at += 1) {
        const entry = ring[at % capacity];
        if (entry) entries.push(entry);
      }
      return entries;
    },
  };
}
