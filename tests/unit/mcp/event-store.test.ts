import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createEventStore } from "../../../src/mcp/event-store.ts";

type Store = ReturnType<typeof createEventStore>;
type Message = Parameters<Store["storeEvent"]>[1];

const message = (method: string, params: Record<string, unknown> = {}): Message => ({
  jsonrpc: "2.0",
  method,
  params,
});

async function replayed(store: Store, after: string): Promise<[string, unknown][]> {
  const sent: [string, unknown][] = [];
  await store.replayEventsAfter(after, {
    send: async (id, { method }: Message & { method?: unknown }) => void sent.push([id, method]),
  });
  return sent;
}

describe("createEventStore()", () => {
  it("replays what came after an event, of its stream only, in order", async () => {
    const store = createEventStore();
    const first = await store.storeEvent("a", message("one"));
    await store.storeEvent("b", message("other"));
    const third = await store.storeEvent("a", message("two"));
    const fourth = await store.storeEvent("a", message("three"));

    assertEquals(await replayed(store, first), [
      [third, "two"],
      [fourth, "three"],
    ]);
    assertEquals(await replayed(store, fourth), []);
    assertEquals(await store.getStreamIdForEventId?.(third), "a");
    assertEquals(await store.getStreamIdForEventId?.("a_99"), undefined);
  });

  it("forgets the oldest past its bound, and says so to who asks for them", async () => {
    const store = createEventStore();
    const first = await store.storeEvent("a", message("one"));
    const second = await store.storeEvent("a", message("big", { text: "x".repeat(600_000) }));
    const third = await store.storeEvent("a", message("big", { text: "x".repeat(600_000) }));

    await assertRejects(() => replayed(store, first), Error, "No event");
    await assertRejects(() => replayed(store, second), Error, "No event");
    assertEquals(await replayed(store, third), []);
  });
});
