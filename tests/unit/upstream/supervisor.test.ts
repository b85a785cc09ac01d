import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError, InputError, UnavailableError } from "../../../src/errors.ts";
import type { Connection } from "../../../src/upstream/connection.ts";
import { Supervisor } from "../../../src/upstream/supervisor.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Opened {
  readonly connection: Connection;
  /** End it from the other side. */
  die(reason?: Error): void;
  isClosed: boolean;
}

interface Scene {
  readonly clock: FakeClock;
  readonly supervisor: Supervisor;
  readonly opened: Opened[];
  /** What the next starts do; by default they succeed. */
  readonly outcomes: (Error | Promise<never>)[];
  readonly states: string[];
  attempts(): number;
}

const died = new UnavailableError("upstream_unavailable", "It ended");

function createConnection(): Opened {
  const closed = Promise.withResolvers<Error>();
  const opened = {
    isClosed: false,
    die: (reason: Error = died) => closed.resolve(reason),
    connection: {
      era: "legacy",
      server: undefined,
      title: undefined,
      instructions: undefined,
      capabilities: {},
      prior: { kind: "legacy" },
      pid: undefined,
      stripped: 0,
      request: () => Promise.resolve({}),
      answer: () => {},
      watchResources: () => Promise.resolve(),
      closed: closed.promise,
      close: async () => {
        opened.isClosed = true;
      },
    } satisfies Connection,
  };
  return opened;
}

function createScene({ isDisabled = false } = {}): Scene {
  const clock = createFakeClock();
  const opened: Opened[] = [];
  const outcomes: (Error | Promise<never>)[] = [];
  const states: string[] = [];
  let attempts = 0;
  const supervisor: Supervisor = new Supervisor({
    name: "server",
    clock,
    random: () => 0.5,
    startTimeoutMs: 1000,
    isDisabled,
    opened: () => {},
    changed: () => void states.push(supervisor.state),
    async open(signal) {
      attempts += 1;
      const outcome = outcomes.shift();
      if (outcome instanceof Promise) {
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
        return Promise.race([outcome, aborted]);
      }
      if (outcome) throw outcome;
      const next = createConnection();
      opened.push(next);
      return next.connection;
    },
  });
  return { clock, supervisor, opened, outcomes, states, attempts: () => attempts };
}

/** Let promises that are settled run what waits for them. */
const turn = (clock: FakeClock): Promise<void> => clock.advance(0);

describe("Supervisor", () => {
  it("starts once for all who ask, and not before", async () => {
    const { supervisor, attempts, states } = createScene();
    assertEquals([supervisor.state, attempts()], ["idle", 0]);

    const [one, two] = await Promise.all([supervisor.ready(), supervisor.ready()]);

    assert(one === two);
    assertEquals([attempts(), await supervisor.ready()], [1, one]);
    assertEquals(states, ["starting", "ready"]);
  });

  it("starts again by itself after the server died, later each time", async () => {
    const { supervisor, clock, opened, attempts } = createScene();
    await supervisor.ready();

    for (const [index, wait] of [250, 500, 1000, 2000].entries()) {
      opened[index]?.die();
      await turn(clock);
      assertEquals(supervisor.state, "backoff");
      await clock.advance(wait - 1);
      assertEquals(attempts(), index + 1);
      await clock.advance(1);
      await turn(clock);
      assertEquals(supervisor.state, "ready");
    }
    assert(opened[0]?.isClosed);
    assertEquals(supervisor.restarts, 4);
  });

  it("makes those who ask in between wait for the next start", async () => {
    const { supervisor, clock, opened } = createScene();
    await supervisor.ready();
    opened[0]?.die();
    await turn(clock);

    const waiting = supervisor.ready();
    await clock.advance(250);

    assert((await waiting) === opened[1]?.connection);
  });

  it("rests after five failures in a row, then tries once", async () => {
    const { supervisor, clock, outcomes, attempts } = createScene();
    outcomes.push(died, died, died, died, died, died);
    await assertRejects(() => supervisor.ready(), UnavailableError, "It ended");

    await clock.advance(10_000);
    assertEquals([supervisor.state, attempts()], ["failed", 5]);
    const error = await assertRejects(() => supervisor.ready(), UnavailableError, "rests for");
    assertEquals(error.code, "circuit_open");
    assert(Number(error.data.retryAfterMs) > 0);

    await clock.advance(30_000);
    await assertRejects(() => supervisor.ready(), UnavailableError, "It ended");
    assertEquals([supervisor.state, attempts()], ["failed", 6]);
    await clock.advance(30_000);
    await supervisor.ready();
    assertEquals(supervisor.state, "ready");
  });

  it("forgets failures when the server lived for a while", async () => {
    const { supervisor, clock, opened } = createScene();
    await supervisor.ready();

    for (let index = 0; index < 8; index += 1) {
      await clock.advance(10_000);
      opened[index]?.die();
      await clock.advance(250);
      await turn(clock);
    }

    assertEquals(supervisor.state, "ready");
  });

  it("does not repeat what cannot go better", async () => {
    const { supervisor, clock, outcomes, attempts } = createScene();
    outcomes.push(new InputError("invalid_config", "There is no such program"));

    await assertRejects(() => supervisor.ready(), InputError, "no such program");
    await clock.advance(20_000);

    assertEquals([supervisor.state, attempts()], ["failed", 1]);
    assertEquals(supervisor.unavailableBecause, "There is no such program");
    await supervisor.start();
    assertEquals(supervisor.state, "ready");
  });

  it("gives up a start that takes too long", async () => {
    const { supervisor, clock, outcomes } = createScene();
    outcomes.push(new Promise<never>(() => {}));

    const starting = assertRejects(() => supervisor.ready(), DeadlineError, "within 1000 ms");
    await clock.advance(1000);

    await starting;
    assertEquals(supervisor.state, "backoff");
  });

  it("stops at once, also in the middle of a start, and stays stopped", async () => {
    const { supervisor, clock, outcomes, attempts } = createScene();
    outcomes.push(new Promise<never>(() => {}));
    const starting = assertRejects(() => supervisor.ready(), UnavailableError, "was stopped");
    await turn(clock);

    await supervisor.stop();

    await starting;
    await clock.advance(100_000);
    assertEquals([supervisor.state, attempts()], ["stopped", 1]);
    await assertRejects(() => supervisor.ready(), UnavailableError, "admin_upstream_start");
    assertEquals(clock.pending, 0);
  });

  it("never starts again once it is closed", async () => {
    const { supervisor, attempts, opened } = createScene();
    await supervisor.ready();

    await supervisor.close();

    await assertRejects(() => supervisor.start(), UnavailableError, "no longer mounted");
    await assertRejects(() => supervisor.ready(), UnavailableError);
    assertEquals([attempts(), opened[0]?.isClosed, supervisor.state], [1, true, "stopped"]);
  });

  it("rests when idle until somebody asks", async () => {
    const { supervisor, opened } = createScene();
    await supervisor.ready();

    await supervisor.stop("idle");

    assert(opened[0]?.isClosed);
    assertEquals([supervisor.state, supervisor.unavailableBecause], ["idle", undefined]);
    assert((await supervisor.ready()) === opened[1]?.connection);
  });

  it("is able to rest and start again right after a failure was overcome", async () => {
    const { supervisor, clock, outcomes } = createScene();
    outcomes.push(died, died, died, died, died);
    await assertRejects(() => supervisor.ready());
    await clock.advance(40_000);
    await supervisor.ready();

    await supervisor.stop("idle");
    await supervisor.ready();

    assertEquals(supervisor.state, "ready");
  });

  it("never starts a disabled server", async () => {
    const { supervisor, attempts } = createScene({ isDisabled: true });

    await assertRejects(() => supervisor.ready(), UnavailableError, "is disabled");

    await supervisor.stop();
    assertEquals([supervisor.state, attempts()], ["disabled", 0]);
  });
});
