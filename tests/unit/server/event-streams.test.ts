import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { anonymousCaller, type Caller, localCaller } from "../../../src/registry/caller.ts";
import { createEventStreams, MAX_STREAMS } from "../../../src/server/event-streams.ts";
import { createEventFeed, type ServerEvent } from "../../../src/telemetry/event-feed.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const call = (caller: string, tool = "add"): ServerEvent => ({
  type: "tool_call",
  caller,
  tool,
  outcome: "ok",
  durationMs: 1,
  runtime: "local",
});
const reload: ServerEvent = { type: "reload", changed: ["log.level"], needsRestart: [] };

function setUp() {
  const clock = createFakeClock(0);
  const feed = createEventFeed(clock, 5);
  return { clock, feed, streams: createEventStreams({ feed, clock }) };
}

/** Reads a stream as text, up to what has been sent. */
function reader(response: Response): {
  next(): Promise<string | undefined>;
  cancel(): Promise<void>;
} {
  const pieces = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  return {
    async next() {
      const { value } = await pieces.read();
      return value && new TextDecoder().decode(value);
    },
    cancel: () => pieces.cancel(),
  };
}

describe("createEventStreams()", () => {
  it("sends each event with its id, type and facts", async () => {
    const { feed, streams } = setUp();
    const response = streams.open(localCaller, null);
    const events = reader(response);
    assertEquals(response.headers.get("content-type"), "text/event-stream");
    assertEquals(await events.next(), "retry: 2000\n\n");

    feed.publish(call("key:ci"));

    assertEquals(
      await events.next(),
      'id: 1\nevent: tool_call\ndata: {"at":"1970-01-01T00:00:00.000Z","caller":"key:ci","tool":"add","outcome":"ok","durationMs":1,"runtime":"local"}\n\n',
    );
  });

  it("replays what a client missed, and all that is kept when the server has restarted", async () => {
    const { feed, streams } = setUp();
    for (let at = 0; at < 3; at += 1) feed.publish(reload);
    const ids = async (last: string | null): Promise<string[]> =>
      [
        ...((await reader(streams.open(localCaller, last)).next()) ?? "").matchAll(/^id: (\d+)/gm),
      ].map(([, id = ""]) => id);

    assertEquals(await ids("1"), ["2", "3"]);
    assertEquals(await ids("3"), []);
    assertEquals(await ids("400"), ["1", "2", "3"]);
    assertEquals(await ids(null), []);
    assertEquals(await ids("garbage"), []);
  });

  it("tells callers of their own calls and servers only, live and in the replay", async () => {
    const { feed, streams } = setUp();
    const caller: Caller = {
      id: "key:ci",
      grant: { categories: new Set(["github"]), access: "read", abilities: new Set() },
    };
    const all: ServerEvent[] = [
      call("local", "theirs"),
      call("key:ci", "mine"),
      { type: "upstream", upstream: "github", state: "ready" },
      { type: "upstream", upstream: "secret", state: "ready" },
      reload,
    ];
    const live = reader(streams.open(caller, null));
    await live.next();
    for (const event of all) feed.publish(event);

    const heard = `${await live.next()}${await live.next()}`;
    const replayed = await reader(streams.open(caller, "0")).next();

    for (const text of [heard, replayed ?? ""]) {
      assertEquals(
        [...text.matchAll(/^id: (\d+)/gm)].map(([, id]) => id),
        ["2", "3"],
      );
    }
  });

  it("keeps a silent stream alive with comments", async () => {
    const { clock, streams } = setUp();
    const events = reader(streams.open(localCaller, null));
    await events.next();

    await clock.advance(30_000);

    assertEquals(await events.next(), ": still here\n\n");
    assertEquals(await events.next(), ": still here\n\n");
  });

  it("bounds the streams of one principal, and counts only those that are open", async () => {
    const { streams } = setUp();
    const opened = Array.from({ length: MAX_STREAMS }, () => streams.open(anonymousCaller, null));

    const error = assertThrows(() => streams.open(anonymousCaller, null), UnavailableError);
    assertEquals(error.code, "rate_limited");
    streams.open(localCaller, null);

    await opened[0]?.body?.cancel();
    streams.open(anonymousCaller, null);
  });

  it("forgets a client that is gone, with its timer", async () => {
    const { clock, feed, streams } = setUp();
    const events = reader(streams.open(localCaller, null));
    await events.next();

    await events.cancel();
    feed.publish(reload);

    assertEquals([streams.size, clock.pending], [0, 0]);
  });

  it("ends a stream whose client does not read", async () => {
    const { feed, streams } = setUp();
    const response = streams.open(localCaller, null);

    for (let at = 0; at < 5000; at += 1) feed.publish(call("local", "x".repeat(200)));

    assertEquals(streams.size, 0);
    const text = await response.text();
    assert(text.length > 200_000 && text.length < 400_000, `${text.length} were kept`);
  });

  it("ends all streams on close", async () => {
    const { clock, streams } = setUp();
    const events = reader(streams.open(localCaller, null));
    await events.next();

    streams.close();

    assertEquals(await events.next(), undefined);
    assertEquals([streams.size, clock.pending], [0, 0]);
  });
});
