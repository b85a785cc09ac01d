/** Inputs and outputs against a tool's own schema, with errors a model can act on. @module */

import * as v from "valibot";
import { InputError, IntegrityError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { pointerTo, shown } from "./pointer.ts";

type Issue = v.BaseIssue<unknown>;

function pointerOf({ path }: Issue): string {
  return pointerTo(path?.map(({ key }) => String(key)) ?? []);
}

function sentence(issue: Issue): string {
  const where = pointerOf(issue) || "the input";
  return issue.expected
    ? `${where} must be ${issue.expected}, got ${shown(issue.input)}`
    : `${where}: ${issue.message}`;
}

function refuseUnknownKeys(tool: string, known: readonly string[], input: object): void {
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
    const accepts = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes no parameters";
    throw new InputError(
      "invalid_input",
      `"${tool}" has no parameter "${key}": ${accepts}${hint}`,
      {
        data: { tool, path: `/${key}`, expected: known, nearest: near },
      },
    );
  }
}

function notAnObject(tool: string, input: unknown): InputError {
  const expected = "Object";
  return new InputError(
    "invalid_input",
    `"${tool}": the input must be ${expected}, got ${shown(input)}`,
    { data: { tool, path: "", expected, issues: [{ path: "", expected }] } },
  );
}

/** The input as the tool's handler will get it; throws `invalid_input`. */
export function parseInput(
  tool: string,
  schema: v.ObjectSchema<v.ObjectEntries, undefined>,
  input: unknown,
): unknown {
  const given = input ?? {};
  // valibot takes a list for an object without fields.
  if (Array.isArray(given)) throw notAnObject(tool, given);
  if (typeof given === "object") refuseUnknownKeys(tool, Object.keys(schema.entries), given);
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return parsed.output;
  const [first] = parsed.issues;
  throw new InputError("invalid_input", `"${tool}": ${parsed.issues.map(sentence).join("; ")}`, {
    data: {
      tool,
      path: pointerOf(first),
      ...(first.expected && { expected: first.expected }),
      issues: parsed.issues.map((issue) => ({
        path: pointerOf(issue),
        ...(issue.expected && { expected: issue.expected }),
      })),
    },
  });
}

/** A handler's value, refused where it breaks the promise of the tool's own output schema. */
export function checkOutput(
  tool: string,
  schema: v.GenericSchema | undefined,
  value: unknown,
): unknown {
  if (!schema) return value;
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new IntegrityError(
    "schema_mismatch",
    `"${tool}" returned something else than its output schema promises: ${parsed.issues.map(sentence).join("; ")}`,
    { data: { tool } },
  );
}
