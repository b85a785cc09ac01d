import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHistogram } from "../../../src/telemetry/histogram.ts";

describe("createHistogram()", () => {
  it("counts every value in the first bucket whose bound is not below it", () => {
    const histogram = createHistogram();
    for (const value of [0, 1 / 64, 1, 1.0001, 3, 1e9]) histogram.observe(value);

    const { buckets, count, value } = histogram.read();

    const upTo = (bound: number): number | undefined =>
      buckets.find(({ le }) => le === bound)?.count;
    assertEquals([upTo(1 / 64), upTo(1), upTo(2), upTo(4)], [2, 3, 4, 5]);
    assertEquals(buckets.at(-1)?.count, 5);
    assertEquals(count, 6);
    assertEquals(value, 1e9 + 5.0001 + 1 / 64);
  });

  it("says 0 for every quantile while it is empty", () => {
    const { p50, p95, p99, count } = createHistogram().read();

    assertEquals([p50, p95, p99, count], [0, 0, 0, 0]);
  });

  it("estimates quantiles to within the factor of a bucket, inside what was observed", () => {
    const values = fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (observed, q) => {
        const histogram = createHistogram();
        for (const value of observed) histogram.observe(value);
        const sorted = observed.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;

        const estimate = histogram.quantile(q);

        assert(estimate >= exact / 2 && estimate <= exact * 2, `${estimate} for ${exact}`);
        assert(estimate >= (sorted[0] ?? 0) && estimate <= (sorted.at(-1) ?? 0));
      }),
    );
  });
});
