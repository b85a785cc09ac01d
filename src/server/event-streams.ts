/**
 * `GET /events`: the event feed as Server-Sent Events. A client that comes back with
 * `Last-Event-ID` gets what it missed, as far as the feed still has it.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { UnavailableError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { seesCategory } from "../registry/visibility.ts";
import type { EventFeed, FeedEntry } from "../telemetry/event-feed.ts";

/** The open streams of a server. */
export interface EventStreams {
  /** Throws `rate_limited` when the caller has too many streams open. */
  open(caller: Caller, lastEventId: string | null): Response;
  /** How many are open. */
  readonly size: number;
  /** End all of them. */
  close(): void;
}

/** What event streams need. */
export interface EventStreamNeeds {
  readonly feed: EventFeed;
  readonly clock: Pick<Clock, "after">;
}

/** A comment keeps proxies from closing a silent connection; most wait a minute. */
const KEEP_ALIVE_MS = 15_000;
/** What an EventSource waits before it connects again. */
const RECONNECT_MS = 2000;
/** Streams that one principal may have open; anonymous callers are one. */
export const MAX_STREAMS = 16;
/** A client that has more than this unread is cut off; it may come back and read on. */
const MAX_UNREAD_BYTES = 262_144;

/** Who administers the server sees everything; others see their own calls, and their servers. */
function mayHear(caller: Caller, { event }: FeedEntry): boolean {
  if (caller.grant.abilities.has("admin")) return true;
  switch (event.type) {
    case "tool_call":
      return event.caller === caller.id;
    case "upstream":
      return seesCategory(caller, event.upstream);
    case "reload":
    case "mesh":
    case "consent":
      return false;
  }
}

function format({ id, at, event }: FeedEntry): string {
  const { type, ...facts } = event;
  const data = JSON.stringify({ at: new Date(at).toISOString(), ...facts });
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}

/** What a stream begins with: how to come back, and what was missed. */
function opening(feed: EventFeed, caller: Caller, lastEventId: string | null): string {
  const head = `retry: ${RECONNECT_MS}\n\n`;
  const last = lastEventId === null ? Number.NaN : Number(lastEventId);
  if (!Number.isSafeInteger(last)) return head;
  // Ids begin at 1 with every start of the server: a larger one is from an earlier life.
  const missed = feed.since(last > feed.lastId ? 0 : last);
  return (
    head +
    missed
      .filter((entry) => mayHear(caller, entry))
      .map(format)
      .join("")
  );
}

/** No streams yet. */
export function createEventStreams({ feed, clock }: EventStreamNeeds): EventStreams {
  const open = new Map<() => void, string>();
  const encoder = new TextEncoder();

  const connect = (
    caller: Caller,
    first: string,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): (() => void) => {
    const send = (text: string): void => {
      controller.enqueue(encoder.encode(text));
      if ((controller.desiredSize ?? 0) < 0) end();
    };
    const keepAlive = (): void => {
      disarm = clock.after(KEEP_ALIVE_MS, keepAlive);
      send(": still here\n\n");
    };
    let disarm = clock.after(KEEP_ALIVE_MS, keepAlive);
    const unsubscribe = feed.subscribe((entry) => {
      if (mayHear(caller, entry)) send(format(entry));
    });
    const leave = (): void => {
      disarm();
      unsubscribe();
      open.delete(end);
    };
    const end = (): void => {
      leave();
      controller.close();
    };
    open.set(end, caller.id);
    send(first);
    return leave;
  };

  return {
    get size() {
      return open.size;
    },
    open(caller, lastEventId) {
      const own = [...open.values()].filter((id) => id === caller.id).length;
      if (own >= MAX_STREAMS) {
        throw new UnavailableError(
          "rate_limited",
          `"${caller.id}" has ${own} event streams open, the most it may: close one of them`,
        );
      }
      const first = opening(feed, caller, lastEventId);
      let leave: (() => void) | undefined;
      const stream = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            leave = connect(caller, first, controller);
          },
          cancel() {
            leave?.();
          },
        },
        new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
      );
      return new Response(stream, {
        headers: {
          "content-type": "text/event-stream",
          "cache-control": "no-store",
          // nginx would collect events until its buffer is full.
          "x-accel-buffering": "no",
          "x-content-type-options": "nosniff",
        },
      });
    },
    close() {
      for (const end of [...open.keys()]) end();
    },
  };
}
