/** Sums of one group of rows, cell by cell. @module */

import { createDistinct, createQuantile, type HeldValues } from "./holding-accumulators.ts";
import { type Accumulator, type Metric, numberFor } from "./metric.ts";
import { compareCells, detached } from "./row.ts";

/** A new accumulator for a metric. */
export function createAccumulator(metric: Metric, held: HeldValues): Accumulator {
  switch (metric.op) {
    case "count":
      return createCount();
    case "min":
      return createExtreme(-1);
    case "max":
      return createExtreme(1);
    case "countDistinct":
      return createDistinct(held);
    case "quantile":
      return createQuantile(metric, held);
    default:
      return createMoments(metric);
  }
}

function createCount(): Accumulator {
  let count = 0;
  return {
    add: () => {
      count += 1;
    },
    result: () => count,
  };
}

function createExtreme(sign: 1 | -1): Accumulator {
  let best: unknown = null;
  return {
    add(cell) {
      if (best === null || sign * compareCells(cell, best) > 0) best = detached(cell);
    },
    result: () => best,
  };
}

/** Sum, mean and sample standard deviation in one pass (Welford), as exact as doubles allow. */
function createMoments(metric: Metric): Accumulator {
  let [count, sum, lost, mean, squares] = [0, 0, 0, 0, 0];
  return {
    add(cell) {
      const value = numberFor(metric, cell);
      count += 1;
      // Neumaier: what adding rounds away is kept and added last.
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
      const distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    },
    result() {
      if (metric.op === "sum") return sum + lost;
      if (metric.op === "mean") return count > 0 ? (sum + lost) / count : null;
      return count > 1 ? Math.sqrt(squares / (count - 1)) : null;
    },
  };
}
