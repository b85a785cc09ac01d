/** Sums of one group of rows, cell by cell. @module */

import { InputError, ToolError } from "../../src/tool.ts";
import { compareCells, detached, keyOf, numberOf } from "./row.ts";

export const OPERATIONS = [
  "count",
  "sum",
  "mean",
  "min",
  "max",
  "stddev",
  "countDistinct",
  "quantile",
] as const;

/** What to compute of a column. */
export interface Metric {
  readonly op: (typeof OPERATIONS)[number];
  readonly column?: string | undefined;
  readonly quantile?: number | undefined;
}

/** Takes the cells of one column and group; null is left out. */
export interface Accumulator {
  add(cell: unknown): void;
  result(): unknown;
}

/** Values that distinct counts and quantiles of one call hold together. */
const MAX_HELD_VALUES = 8_000_000;

/** Counts the values that the accumulators of one call hold. */
export interface HeldValues {
  count: number;
}

function hold(held: HeldValues): void {
  held.count += 1;
  if (held.count <= MAX_HELD_VALUES) return;
  const fault = `countDistinct and quantile hold more than ${MAX_HELD_VALUES} values: filter first`;
  throw new ToolError("too_large", fault);
}

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

function createDistinct(held: HeldValues): Accumulator {
  const seen = new Set<string>();
  return {
    add(cell) {
      const before = seen.size;
      if (seen.add(keyOf(cell)).size > before) hold(held);
    },
    result: () => seen.size,
  };
}

/** Sum, mean and sample standard deviation in one pass (Welford), as exact as doubles allow. */
function createMoments(metric: Metric): Accumulator {
  let [count, sum, lost, mean, squares] = [0, 0, 0, 0, 0];
  return {
    add(cell) {
      const value = number(metric, cell);
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

/** Exact, by linear interpolation between the two nearest values. */
function createQuantile(metric: Metric, held: HeldValues): Accumulator {
  let values = new Float64Array(8);
  let count = 0;
  return {
    add(cell) {
      if (count === values.length) {
        const larger = new Float64Array(2 * count);
        larger.set(values);
        values = larger;
      }
      values[count] = number(metric, cell);
      count += 1;
      hold(held);
    },
    result() {
      if (count === 0) return null;
      const sorted = values.subarray(0, count).sort();
      const place = (metric.quantile ?? 0.5) * (count - 1);
      const below = sorted[Math.floor(place)] ?? 0;
      const above = sorted[Math.ceil(place)] ?? 0;
      return below + (above - below) * (place - Math.floor(place));
    },
  };
}

function number({ op, column }: Metric, cell: unknown): number {
  const value = numberOf(cell);
  if (value !== undefined) return value;
  throw new InputError(
    "invalid_input",
    `"${op}" needs numbers, and column "${column}" holds ${keyOf(cell).slice(0, 60)}: filter such rows out first`,
    { data: { column } },
  );
}
