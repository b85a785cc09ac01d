/** What is computed of a column, and what computes it. @module */

import { InputError } from "../../src/tool.ts";
import { keyOf, numberOf } from "./row.ts";

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

/** A cell as a number; other cells are refused. */
export function numberFor({ op, column }: Metric, cell: unknown): number {
  const value = numberOf(cell);
  if (value !== undefined) return value;
  throw new InputError(
    "invalid_input",
    `"${op}" needs numbers, and column "${column}" holds ${keyOf(cell).slice(0, 60)}: filter such rows out first`,
    { data: { column } },
  );
}
