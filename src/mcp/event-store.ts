/** The last messages of a legacy session's streams, so that a client can resume (`Last-Event-ID`). @module */

import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

/** Characters of JSON kept per session; a client that missed more lists and calls again. */
const CAPACITY = 1_000_000;

interface Stored {
  readonly id: string;
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

/** An empty store, bounded in size. */
export function createEventStore(): EventStore {
  const events: Stored[] = [];
  let last = 0;
  let size = 0;
  const forget = (): void => {
    while (size > CAPACITY) size -= events.shift()?.size ?? size;
  };
  return {
    storeEvent(stream, message) {
      last += 1;
      const id = `${stream}_${last}`;
      const length = JSON.stringify(message).length;
      events.push({ id, stream, message, size: length });
      size += length;
      forget();
      return Promise.resolve(id);
    },
    getStreamIdForEventId(id) {
      return Promise.resolve(events.find((event) => event.id === id)?.stream);
    },
    async replayEventsAfter(id, { send }) {
      const at = events.findIndex((event) => event.id === id);
      const stream = events[at]?.stream;
      if (stream === undefined) throw new Error(`No event "${id}" is kept; list and call again`);
      for (const event of events.slice(at + 1)) {
        if (event.stream === stream) await send(event.id, event.message);
      }
      return stream;
    },
  };
}
