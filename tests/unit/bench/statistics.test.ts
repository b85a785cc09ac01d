import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { median, quantile } from "../../../bench/statistics.ts";

describe("median()", () => {
  it("is the middle of an odd number of samples, in any order", () => {
    assertEquals(median([9, 1, 5]), 5);
  });

  it("is the mean of the middle two of an even number", () => {
    assertEquals(median([10, 1, 2, 3]), 2.5);
  });

  it("is no number without samples", () => {
    assert(Number.isNaN(median([])));
  });
});

describe("quantile()", () => {
  it("finds the value that a share of the samples lies below", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assertEquals(quantile(hundred, 0.5), 51);
    assertEquals(quantile(hundred, 0.99), 100);
    assertEquals(quantile([7], 0.99), 7);
  });
});
