import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { DeadlineError } from "../../../src/errors.ts";
import { within } from "../../../src/peers/within.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = createFakeClock();
  const controller = new AbortController();
  const options = { clock, ms: 100, signal: controller.signal, what: "It did not end" };
  return { clock, controller, options };
}

/** Work that never ends, and keeps the signal that it got. */
function endless() {
  const seen: AbortSignal[] = [];
  const work = (signal: AbortSignal): Promise<never> => {
    seen.push(signal);
    return new Promise(() => {});
  };
  return { work, isTold: () => seen[0]?.aborted };
}

describe("within()", () => {
  it("gives what the work gives, and leaves no timer", async () => {
    const { options, clock } = setUp();

    assertEquals(await within(options, async () => 7), 7);
    await assertRejects(
      () => within(options, () => Promise.reject(new Error("own"))),
      Error,
      "own",
    );
    assertEquals(clock.pending, 0);
  });

  it("gives up work that takes too long, and tells it", async () => {
    const { options, clock } = setUp();
    const { work, isTold } = endless();
    const expectation = assertRejects(() => within(options, work), DeadlineError, "within 100 ms");
    await clock.advance(99);
    assertEquals(isTold(), false);
    await clock.advance(1);

    await expectation;
    assertEquals(isTold(), true);
  });

  it("gives up work that its caller called off, and tells it", async () => {
    const { options, clock, controller } = setUp();
    const { work, isTold } = endless();
    const expectation = assertRejects(() => within(options, work), Error, "enough");
    controller.abort(new Error("enough"));

    await expectation;
    assertEquals([isTold(), clock.pending], [true, 0]);
    let isStarted = false;
    const again = (): Promise<void> =>
      within(options, async () => {
        isStarted = true;
      });
    await assertRejects(again, Error, "enough");
    assertEquals(isStarted, false);
  });
});
