import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { createLimits, type LimitSettings, type Limits } from "../../../src/router/limits.ts";
import { callerOf } from "../../support/callers.ts";
import { contextOf, targetOf } from "../../support/calls.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

const wide: LimitSettings = {
  maxConcurrent: 100,
  perCallerConcurrent: 100,
  perCallerPerSecond: 0,
};

interface Scene {
  readonly limits: Limits;
  readonly clock: FakeClock;
}

function sceneOf(settings: Partial<LimitSettings> = {}): Scene {
  const clock = createFakeClock();
  return { clock, limits: createLimits(() => ({ ...wide, ...settings }), clock) };
}

const ada = contextOf({ caller: callerOf("*", "read", "ada") });
const bob = contextOf({ caller: callerOf("*", "read", "bob") });
const plain = targetOf();

/** Admit without waiting. */
function admit(limits: Limits, target = plain, context = ada): () => void {
  const end = limits.admit(target, context);
  assert(typeof end === "function", "it had to wait");
  return end;
}

describe("createLimits()", () => {
  it("bounds the calls of the server and those of each caller", () => {
    const { limits } = sceneOf({ maxConcurrent: 3, perCallerConcurrent: 2 });

    const first = admit(limits);
    admit(limits);
    const own = assertThrows(() => limits.admit(plain, ada), UnavailableError);
    admit(limits, plain, bob);
    const all = assertThrows(() => limits.admit(plain, bob), UnavailableError);

    assertEquals([own.code, own.message.slice(0, 22)], ["queue_full", '"ada" has 2 calls in f']);
    assertEquals(all.message.slice(0, 24), "The server has 3 calls i");
    first();
    admit(limits, plain, bob);
  });

  it("follows a change of its settings at once", () => {
    const settings = { ...wide, maxConcurrent: 1 };
    const limits = createLimits(() => settings, createFakeClock());
    admit(limits);
    assertThrows(() => limits.admit(plain, ada), UnavailableError);

    settings.maxConcurrent = 2;

    admit(limits);
  });

  it("lets a caller spend a second's worth at once, and then as it trickles in", async () => {
    const { limits, clock } = sceneOf({ perCallerPerSecond: 4 });
    for (let call = 0; call < 4; call += 1) admit(limits)();

    const error = assertThrows(() => limits.admit(plain, ada), UnavailableError);
    assertEquals([error.code, error.data.retryAfterMs], ["rate_limited", 250]);
    admit(limits, plain, bob)();
    await clock.advance(249);
    assertThrows(() => limits.admit(plain, ada), UnavailableError);
    await clock.advance(1);
    admit(limits)();
    assertThrows(() => limits.admit(plain, ada), UnavailableError);
    await clock.advance(60_000);

    for (let call = 0; call < 4; call += 1) admit(limits)();
    assertThrows(() => limits.admit(plain, ada), UnavailableError);
  });

  it("bounds a tool's calls per second for each caller", () => {
    const { limits } = sceneOf();
    const slow = targetOf(undefined, { routing: { limits: { perSecond: 1 } } });

    admit(limits, slow)();
    assertThrows(() => limits.admit(slow, ada), UnavailableError, '"probe" is limited to 1');

    admit(limits, slow, bob)();
    admit(limits, plain)();
  });

  it("makes calls wait for a permit of their tool, in order", async () => {
    const { limits } = sceneOf();
    const single = targetOf(undefined, { routing: { limits: { concurrency: 1 } } });
    const order: string[] = [];
    const end = admit(limits, single);
    const second = Promise.resolve(limits.admit(single, ada)).then((done) => {
      order.push("second");
      return done;
    });
    const third = Promise.resolve(limits.admit(single, bob)).then((done) => {
      order.push("third");
      return done;
    });

    end();
    (await second)();
    (await third)();

    assertEquals(order, ["second", "third"]);
    admit(limits, single)();
  });

  it("counts a call that gives up waiting as ended", async () => {
    const { limits } = sceneOf({ perCallerConcurrent: 2 });
    const single = targetOf(undefined, { routing: { limits: { concurrency: 1 } } });
    const end = admit(limits, single);
    const leaving = new AbortController();
    const impatient = contextOf({ caller: ada.caller, signal: () => leaving.signal });

    const waiting = limits.admit(single, impatient);
    assertInstanceOf(waiting, Promise);
    leaving.abort(new Error("gone"));

    await assertRejects(() => waiting, Error, "gone");
    admit(limits);
    assertThrows(() => limits.admit(plain, ada), UnavailableError);
    end();
  });

  it("does not count what it refused", () => {
    const { limits } = sceneOf({ perCallerConcurrent: 1, perCallerPerSecond: 2 });
    admit(limits)();
    admit(limits)();
    for (let call = 0; call < 5; call += 1) {
      const error = assertThrows(() => limits.admit(plain, ada), UnavailableError);
      assertEquals(error.code, "rate_limited");
    }
  });

  it("forgets callers that have nothing in flight, not those that have", () => {
    const { limits } = sceneOf({ perCallerConcurrent: 1 });
    admit(limits);
    for (let caller = 0; caller < 3000; caller += 1) {
      admit(limits, plain, contextOf({ caller: callerOf("*", "read", `caller ${caller}`) }))();
    }

    assertThrows(() => limits.admit(plain, ada), UnavailableError, '"ada" has 1');
  });
});
