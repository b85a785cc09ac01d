import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { backoffMs } from "../../../src/concurrency/retry.ts";

describe("backoffMs()", () => {
  const waits = (random: number): number[] =>
    [1, 2, 3, 10].map((attempt) =>
      backoffMs(attempt, { initialMs: 100, maxMs: 1000, random: () => random }),
    );

  it("doubles up to a ceiling", () => {
    assertEquals(waits(0.5), [100, 200, 400, 1000]);
  });

  it("varies by a quarter in both directions", () => {
    assertEquals(waits(0), [75, 150, 300, 750]);
    assertEquals(waits(1), [125, 250, 500, 1250]);
  });
});
