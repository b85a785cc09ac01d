import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Breaker, createBreaker } from "../../../src/concurrency/breaker.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

function createScene(): { readonly breaker: Breaker; readonly clock: FakeClock } {
  const clock = createFakeClock();
  return { clock, breaker: createBreaker({ failures: 3, openMs: 1000, clock }) };
}

function fail(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count += 1) breaker.failure();
}

describe("createBreaker()", () => {
  it("opens after failures in a row, and only then", () => {
    const { breaker } = createScene();

    fail(breaker, 2);
    breaker.success();
    fail(breaker, 2);
    assertEquals(breaker.state, "closed");
    assert(breaker.allow());

    fail(breaker, 1);
    assertEquals(breaker.state, "open");
    assert(!breaker.allow());
    assertEquals(breaker.retryAfterMs, 1000);
  });

  it("lets a single attempt through when its time is over", async () => {
    const { breaker, clock } = createScene();
    fail(breaker, 3);

    await clock.advance(1000);

    assertEquals(breaker.state, "half-open");
    assert(breaker.allow());
    assert(!breaker.allow());
  });

  it("closes when that attempt succeeds", async () => {
    const { breaker, clock } = createScene();
    fail(breaker, 3);
    await clock.advance(1000);
    breaker.allow();

    breaker.success();

    assertEquals(breaker.state, "closed");
    assert(breaker.allow());
    assertEquals(breaker.retryAfterMs, 0);
  });

  it("opens again at once when that attempt fails", async () => {
    const { breaker, clock } = createScene();
    fail(breaker, 3);
    await clock.advance(1000);
    breaker.allow();

    breaker.failure();

    assertEquals(breaker.state, "open");
    assertEquals(breaker.retryAfterMs, 1000);
  });
});
