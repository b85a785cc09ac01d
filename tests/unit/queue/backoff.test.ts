import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs } from "../../../src/queue/backoff.ts";

const backoff = { initialMs: 100, factor: 2, maxMs: 1_000, jitter: 0 };

describe("backoffMs()", () => {
  it("grows with each attempt, as far as its bound", () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(backoff, attempt, () => 0.7));

    assertEquals(waits, [100, 200, 400, 800, 1_000, 1_000]);
  });

  it("leaves as much to chance as is asked for", () => {
    const wait = (jitter: number, chance: number): number =>
      backoffMs({ ...backoff, jitter }, 1, () => chance);

    assertEquals([wait(1, 0), wait(1, 0.5), wait(1, 0.999)], [100, 50, 0]);
    assertEquals([wait(0.5, 0), wait(0.5, 0.999)], [100, 50]);
  });

  it("is a whole number from 0 to its bound, even after very many attempts", () => {
    const parts = {
      initialMs: fc.integer({ min: 0, max: 100_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxMs: fc.integer({ min: 0, max: 86_400_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    };
    const attempt = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(fc.record(parts), attempt, fc.double({ min: 0, max: 1 }), (some, n, chance) => {
        const ms = backoffMs(some, n, () => chance || 0);
        assert(Number.isInteger(ms) && ms >= 0 && ms <= some.maxMs, `${ms}`);
      }),
      { numRuns: 50 },
    );
  });
});
