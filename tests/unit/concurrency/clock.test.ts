import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Clock, systemClock } from "../../../src/concurrency/clock.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

/** What any clock does; only real time needs to pass on the real one. */
function testSleep(name: string, create: () => Clock): void {
  describe(`${name} as a Clock`, () => {
    it("ends a sleep with the signal's reason, also one that fired before", async () => {
      const clock = create();
      const reason = new Error("told to stop");
      const controller = new AbortController();
      const sleeping = clock.sleep(60_000, controller.signal);

      controller.abort(reason);

      assertEquals(await assertRejects(() => sleeping), reason);
      assertEquals(await assertRejects(() => clock.sleep(0, AbortSignal.abort(reason))), reason);
    });
  });
}

testSleep("systemClock", () => systemClock);
testSleep("createFakeClock()", () => createFakeClock());

describe("systemClock", () => {
  it("calls back, unless it was disarmed", async () => {
    const calls: string[] = [];
    const disarm = systemClock.after(0, () => calls.push("disarmed"));
    disarm();

    await new Promise<void>((resolve) => systemClock.after(1, resolve));
    await systemClock.sleep(1);

    assertEquals(calls, []);
  });

  it("measures with a clock that never goes back", () => {
    const first = systemClock.monotonic();
    assert(systemClock.monotonic() >= first);
    assert(Math.abs(systemClock.now() - Date.now()) < 1000);
  });
});

describe("createFakeClock()", () => {
  it("runs what is due in order, each at its own moment, and nothing else", async () => {
    const clock = createFakeClock(1000);
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.now()]);
    clock.after(30, note("late"));
    clock.after(10, () => {
      note("early")();
      clock.after(5, note("armed on the way"));
    });
    const disarm = clock.after(20, note("disarmed"));
    disarm();

    await clock.advance(29);
    assertEquals(ran, [
      ["early", 1010],
      ["armed on the way", 1015],
    ]);
    assertEquals([clock.now(), clock.monotonic(), clock.pending], [1029, 29, 1]);
    await clock.advance(1);
    assertEquals(ran.at(-1), ["late", 1030]);
  });
});
