/**
 * Conditions in CEL (https://github.com/google/cel-spec), whose variables are references: `$gate` is
 * the variable `_gate` to the library, which knows no dollar.
 *
 * @module
 */

import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";
import { InputError } from "../errors.ts";
import { shown } from "../registry/pointer.ts";
import { fault, type Path } from "./faults.ts";
import type { Scope } from "./references.ts";

/** A condition that can be evaluated. */
export interface Condition {
  /** Names that it refers to. */
  readonly names: ReadonlySet<string>;
  /** Throws `invalid_input` where the values do not fit it. */
  holds(scope: Scope): boolean;
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 500, maxDepth: 32 },
});
// JSON has one kind of number, and so have those who write conditions: CEL's double. What CEL leaves
// undefined is a whole number, as only literals are, beside a double; and the rest of a division.
type Count = bigint | number;
const ARITHMETIC: Readonly<Record<string, (a: Count, b: Count) => number>> = {
  "+": (a, b) => Number(a) + Number(b),
  "-": (a, b) => Number(a) - Number(b),
  "*": (a, b) => Number(a) * Number(b),
  "/": (a, b) => Number(a) / Number(b),
  "%": (a, b) => Number(a) % Number(b),
};
for (const [operator, apply] of Object.entries(ARITHMETIC)) {
  environment.registerOperator(`int ${operator} double`, apply);
  environment.registerOperator(`double ${operator} int`, apply);
}
environment.registerOperator("double % double", (a: number, b: number) => a % b);

/** The condition that a text is; throws `invalid_input` where it is none. */
export function conditionOf(text: string, path: Path): Condition {
  const names = new Set<string>();
  const expression = withoutDollars(text, names);
  let parsed: ParseResult;
  try {
    parsed = environment.parse(expression);
  } catch (cause) {
    throw fault(path, `is no condition: ${firstLine(cause)}, in ${shown(text)}`);
  }
  if (/\bmatches\s*\(/.test(expression)) {
    // A pattern of JavaScript's can take for ever on a short text.
    throw fault(path, "uses matches(), which is left out: use startsWith, endsWith or contains");
  }
  const stranger = strangerIn(parsed.ast, new Set());
  if (stranger !== undefined) {
    throw fault(path, `names "${stranger}" without a dollar: write $${stranger}`);
  }
  return {
    names,
    holds(scope) {
      const values = Object.fromEntries(
        [...names].map((name) => [`_${name}`, scope(name) ?? null]),
      );
      const value = evaluate(parsed, values, text);
      if (typeof value === "boolean") return value;
      throw new InputError(
        "invalid_input",
        `${shown(text)} is ${shown(plain(value))}, and not true or false`,
      );
    },
  };
}

function evaluate(parsed: ParseResult, values: Record<string, unknown>, text: string): unknown {
  try {
    return parsed(values);
  } catch (cause) {
    const message = `${shown(text)} cannot be decided: ${firstLine(cause)}`;
    throw new InputError("invalid_input", message, { cause });
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";

/** `$name` outside of quotes becomes `_name`. */
function withoutDollars(text: string, names: Set<string>): string {
  const parts = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\$([a-z][a-z0-9_]*)/g;
  return text.replace(parts, (whole, quoted: string | undefined, name: string) => {
    if (quoted !== undefined) return whole;
    names.add(name);
    return `_${name}`;
  });
}

/** An identifier that is no reference, and not bound by a macro such as `exists`. */
function strangerIn(part: unknown, bound: ReadonlySet<string>): string | undefined {
  if (Array.isArray(part)) {
    return part.map((one) => strangerIn(one, bound)).find((name) => name !== undefined);
  }
  if (typeof part !== "object" || part === null || !("op" in part)) return undefined;
  const node = part as ASTNode;
  if (node.op === "id") {
    return node.args.startsWith("_") || bound.has(node.args) ? undefined : node.args;
  }
  if (node.op !== "rcall") return strangerIn(node.args, bound);
  const [name, receiver, [variable, ...rest]] = node.args;
  if (!MACROS.has(name) || variable?.op !== "id")
    return strangerIn([receiver, variable, rest], bound);
  return strangerIn(receiver, bound) ?? strangerIn(rest, new Set([...bound, variable.args]));
}

const MACROS = new Set(["all", "exists", "exists_one", "map", "filter"]);

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
