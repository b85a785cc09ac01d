import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { withDeadline } from "../../../src/concurrency/deadline.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const expired = (): Error => new Error("too late");

describe("withDeadline()", () => {
  it("passes on what the work gives, or throws, in time, and disarms", async () => {
    const clock = createFakeClock();

    assertEquals(await withDeadline(Promise.resolve(7), { clock, ms: 10, expired }), 7);
    const failed = Promise.reject(new Error("broken"));
    await assertRejects(() => withDeadline(failed, { clock, ms: 10, expired }), Error, "broken");

    assertEquals(clock.pending, 0);
  });

  it("rejects at the moment, whatever the work does after it", async () => {
    const clock = createFakeClock();
    const work = Promise.withResolvers<string>();
    let told = 0;
    const rejected = assertRejects(
      () =>
        withDeadline(work.promise, {
          clock,
          ms: 10,
          expired: () => {
            told += 1;
            return expired();
          },
        }),
      Error,
      "too late",
    );

    await clock.advance(9);
    assertEquals(told, 0);
    await clock.advance(1);
    await rejected;
    work.reject(new Error("nobody listens any more"));
    await clock.advance(100);

    assertEquals(told, 1);
  });
});
