/** What the cells of one column are like. @module */

import { compareCells, detached, keyOf } from "./row.ts";
import { type Kind, kindOf, wider } from "./survey.ts";

/** Distinct values that one column counts before it says "at least". */
const MAX_DISTINCT = 10_000;
/** Longer text is counted by its beginning and length: enough to tell apart, and bounded. */
const MAX_KEY_CHARS = 100;
const EXAMPLES = 3;

/** Distinct values that all columns of a call may still hold. */
export interface DistinctBudget {
  left: number;
}

/** The kinds as people call them. */
export type ColumnType = "null" | "boolean" | "integer" | "number" | "text" | "mixed";

const TYPES: Readonly<Record<Kind, ColumnType>> = {
  null: "null",
  boolean: "boolean",
  int32: "integer",
  int64: "integer",
  double: "number",
  text: "text",
  mixed: "mixed",
};

/** What is reported of a column. */
export interface ColumnReport {
  type: ColumnType;
  nulls: number;
  distinct: number;
  distinctIsExact: boolean;
  min?: unknown;
  max?: unknown;
  mean?: number;
  examples: unknown[];
}

/** Takes the cells of one column. */
export class ColumnProfile {
  readonly #budget: DistinctBudget;
  readonly #distinct = new Set<string>();
  readonly #examples: unknown[] = [];
  #isExact = true;
  #kind: Kind = "null";
  #count = 0;
  #sum = 0;
  #min: unknown = null;
  #max: unknown = null;

  constructor(budget: DistinctBudget) {
    this.#budget = budget;
  }

  add(cell: unknown): void {
    if (cell === null) return;
    this.#count += 1;
    this.#kind = wider(this.#kind, kindOf(cell));
    if (typeof cell === "number") this.#sum += cell;
    this.#addDistinct(cell);
    if (this.#kind === "mixed") return;
    if (this.#min === null || compareCells(cell, this.#min) < 0) this.#min = detached(cell);
    if (this.#max === null || compareCells(cell, this.#max) > 0) this.#max = detached(cell);
  }

  #addDistinct(cell: unknown): void {
    const key = keyOf(cell);
    const short = key.length > MAX_KEY_CHARS ? `${key.slice(0, MAX_KEY_CHARS)}…${key.length}` : key;
    if (this.#distinct.has(short)) return;
    if (this.#distinct.size >= MAX_DISTINCT || this.#budget.left === 0) {
      this.#isExact = false;
      return;
    }
    // What was cut may hide a difference.
    if (short !== key) this.#isExact = false;
    this.#budget.left -= 1;
    this.#distinct.add(short);
    if (this.#examples.length < EXAMPLES) this.#examples.push(detached(cell));
  }

  report(totalRows: number): ColumnReport {
    const isNumber = this.#kind === "int32" || this.#kind === "int64" || this.#kind === "double";
    const hasRange = this.#count > 0 && (isNumber || this.#kind === "text");
    return {
      type: TYPES[this.#kind],
      nulls: totalRows - this.#count,
      distinct: this.#distinct.size,
      distinctIsExact: this.#isExact,
      ...(hasRange && { min: this.#min, max: this.#max }),
      ...(isNumber && { mean: this.#sum / this.#count }),
      examples: this.#examples,
    };
  }
}
