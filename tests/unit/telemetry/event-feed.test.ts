import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createEventFeed, type FeedEntry } from "../../../src/telemetry/event-feed.ts";

const reload = (name: string) => ({ type: "reload", changed: [name], needsRestart: [] }) as const;

describe("createEventFeed()", () => {
  it("numbers events from 1 and tells them to those who listen", () => {
    const feed = createEventFeed({ now: () => 7 });
    const heard: FeedEntry[] = [];
    const stop = feed.subscribe((entry) => heard.push(entry));

    feed.publish(reload("a"));
    stop();
    feed.publish(reload("b"));

    assertEquals(heard, [{ id: 1, at: 7, event: reload("a") }]);
    assertEquals(feed.lastId, 2);
  });

  it("gives what came after an id, as far as it is kept", () => {
    const feed = createEventFeed({ now: () => 0 }, 3);
    const ids = (after: number): number[] => feed.since(after).map(({ id }) => id);
    assertEquals(ids(0), []);

    for (const name of ["a", "b", "c", "d", "e"]) feed.publish(reload(name));

    assertEquals(ids(0), [3, 4, 5]);
    assertEquals(ids(3), [4, 5]);
    assertEquals(ids(5), []);
    assertEquals(ids(99), []);
    assertEquals(feed.since(4)[0]?.event, reload("e"));
  });
});
