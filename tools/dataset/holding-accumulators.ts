/** Sums that must hold the values they are made of: distinct counts and quantiles. @module */

import { ToolError } from "../../src/tool.ts";
import { type Accumulator, type Metric, numberFor } from "./metric.ts";
import { keyOf } from "./row.ts";

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

/** How many different cells there are. */
export function createDistinct(held: HeldValues): Accumulator {
  const seen = new Set<string>();
  return {
    add(cell) {
      const before = seen.size;
      if (seen.add(keyOf(cell)).size > before) hold(held);
    },
    result: () => seen.size,
  };
}

/** Exact, by linear interpolation between the two nearest values. */
export function createQuantile(metric: Metric, held: HeldValues): Accumulator {
  let values = new Float64Array(8);
  let count = 0;
  return {
    add(cell) {
      if (count === values.length) {
        const larger = new Float64Array(2 * count);
        larger.set(values);
        values = larger;
      }
      values[count] = numberFor(metric, cell);
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
