/** Conditions on rows as data: nothing in them is ever evaluated as code. @module */

import { InputError } from "../../src/tool.ts";
import type { Condition, Operator } from "./condition.ts";
import { cellOf, compareCells, numberOf, type Row } from "./row.ts";
import { compileSafePattern, type Work } from "./safe-pattern.ts";

/** A condition ready to be asked. */
export interface Predicate {
  readonly columns: ReadonlySet<string>;
  /** What patterns may have cost since it was last set back. */
  readonly work: Work;
  test(row: Row): boolean;
}

/** Check the condition once, so that asking is cheap and cannot fail for its form. */
export function compilePredicate(condition: Condition): Predicate {
  const columns = new Set<string>();
  const work: Work = { steps: 0 };
  return { columns, work, test: compile(condition, columns, work) };
}

type Test = (row: Row) => boolean;

function compile(condition: Condition, columns: Set<string>, work: Work): Test {
  if ("and" in condition) {
    const tests = condition.and.map((part) => compile(part, columns, work));
    return (row) => tests.every((test) => test(row));
  }
  if ("or" in condition) {
    const tests = condition.or.map((part) => compile(part, columns, work));
    return (row) => tests.some((test) => test(row));
  }
  if ("not" in condition) {
    const test = compile(condition.not, columns, work);
    return (row) => !test(row);
  }
  const { column, op, value } = condition;
  columns.add(column);
  const test = compileCell(op, value ?? null, work);
  return (row) => test(cellOf(row, column));
}

function compileCell(op: Operator, value: unknown, work: Work): (cell: unknown) => boolean {
  switch (op) {
    case "isNull":
      return value === false ? (cell) => cell !== null : (cell) => cell === null;
    case "in":
      return isIn(value);
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return ordered(op, value);
    default:
      return onText(op, value, work);
  }
}

function ordered(
  op: "eq" | "ne" | "lt" | "le" | "gt" | "ge",
  value: unknown,
): (cell: unknown) => boolean {
  // A number is compared with numbers in text too: a quoted cell of a CSV file is text.
  const like = typeof value === "number" ? (cell: unknown) => numberOf(cell) ?? cell : same;
  if (op === "eq") return (cell) => compareCells(like(cell), value) === 0;
  if (op === "ne") return (cell) => compareCells(like(cell), value) !== 0;
  if (typeof value !== "number" && typeof value !== "string") {
    throw new InputError(
      "invalid_input",
      `"${op}" compares with a number or text, got ${JSON.stringify(value)}`,
    );
  }
  const holds = { lt: lessThan, le: atMost, gt: moreThan, ge: atLeast }[op];
  return (cell) => {
    const other = like(cell);
    return typeof other === typeof value && holds(compareCells(other, value));
  };
}

const same = (cell: unknown): unknown => cell;
const lessThan = (order: number): boolean => order < 0;
const atMost = (order: number): boolean => order <= 0;
const moreThan = (order: number): boolean => order > 0;
const atLeast = (order: number): boolean => order >= 0;

function isIn(value: unknown): (cell: unknown) => boolean {
  if (!Array.isArray(value)) {
    throw new InputError(
      "invalid_input",
      `"in" takes a list of values, got ${JSON.stringify(value)}`,
    );
  }
  const tests = value.map((each) => ordered("eq", each));
  return (cell) => tests.some((test) => test(cell));
}

function onText(
  op: "contains" | "startsWith" | "endsWith" | "matches",
  value: unknown,
  work: Work,
): (cell: unknown) => boolean {
  if (typeof value !== "string") {
    throw new InputError("invalid_input", `"${op}" takes text, got ${JSON.stringify(value)}`);
  }
  const textOf = (cell: unknown): string => (typeof cell === "string" ? cell : String(cell ?? ""));
  if (op === "matches") {
    const pattern = compileSafePattern(value, work);
    return (cell) => cell !== null && pattern.matches(textOf(cell));
  }
  const methods = {
    contains: (text: string) => text.includes(value),
    startsWith: (text: string) => text.startsWith(value),
    endsWith: (text: string) => text.endsWith(value),
  };
  const holds = methods[op];
  return (cell) => cell !== null && holds(textOf(cell));
}
