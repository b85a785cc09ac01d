import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { type Consents, createConsents } from "../../../src/app/consents.ts";
import { DeadlineError } from "../../../src/errors.ts";
import { createEventFeed, type EventFeed } from "../../../src/telemetry/event-feed.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

const ORIGIN = "http://127.0.0.1:8000";
const asked = { upstream: "far", url: "https://issuer.example/authorize", state: "s1" } as const;

interface Scene {
  readonly consents: Consents;
  readonly clock: FakeClock;
  readonly feed: EventFeed;
  ask(state?: string, signal?: AbortSignal): Promise<URLSearchParams>;
}

function scene(): Scene {
  const clock = createFakeClock();
  const feed = createEventFeed(clock);
  const consents = createConsents({ clock, feed });
  const ask: Scene["ask"] = (state = "s1", signal = new AbortController().signal) =>
    consents.at(ORIGIN).ask({ ...asked, state, signal });
  return { consents, clock, feed, ask };
}

const back = (state: string): URLSearchParams => new URLSearchParams({ state, code: "c" });

describe("createConsents()", () => {
  it("sends people back to this server, and tells those who listen", () => {
    const { consents, feed, ask } = scene();

    void ask();

    assertEquals(consents.at(ORIGIN).redirectUrl, "http://127.0.0.1:8000/oauth/callback");
    assertEquals(
      feed.since(0).map(({ event }) => event),
      [{ type: "consent", upstream: "far", url: asked.url }],
    );
  });

  it("gives each answer to the one who asked for it, once", async () => {
    const { consents, ask } = scene();
    const [first, second] = [ask("s1"), ask("s2")];

    const taken = [back("s2"), back("s1"), back("s1"), back("s3"), new URLSearchParams()].map(
      (params) => consents.arrived(params),
    );

    assertEquals(taken, [true, true, false, false, false]);
    assertEquals((await first).get("state"), "s1");
    assertEquals((await second).get("state"), "s2");
  });

  it("waits ten minutes", async () => {
    const { consents, clock, ask } = scene();
    const asking = ask();
    const expired = assertRejects(() => asking, DeadlineError, 'use of "far" within 10 minutes');

    await clock.advance(599_999);
    await clock.advance(1);

    await expired;
    assertEquals(consents.arrived(back("s1")), false);
  });

  it("forgets who no longer asks", async () => {
    const { consents, ask } = scene();
    const stop = new AbortController();
    const asking = ask("s1", stop.signal);
    const stopped = assertRejects(() => asking, Error, "unmounted");

    stop.abort(new Error("unmounted"));

    await stopped;
    assertEquals(consents.arrived(back("s1")), false);
    await assertRejects(() => ask("s2", stop.signal), Error, "unmounted");
    assertEquals(consents.arrived(back("s2")), false);
  });
});
