/** Whether a workflow's calls can work: its tools exist, and take what they are given. @module */

import { Validator } from "@cfworker/json-schema";
import { shown } from "../registry/pointer.ts";
import type { ToolCall } from "./definition.ts";
import { fault, type Path } from "./faults.ts";
import { hasReferences } from "./references.ts";

/** What is known of a tool's input. */
export type InputSchema = Readonly<Record<string, unknown>>;

/**
 * Check a call against its tool's schema, as far as its input is known before the run: what refers to
 * other nodes is checked when it is there. Throws `invalid_input` with the path of the fault.
 */
export function checkCall({ tool, input = {} }: ToolCall, schema: InputSchema, path: Path): void {
  for (const name of (schema.required ?? []) as readonly string[]) {
    if (Object.hasOwn(input, name)) continue;
    throw fault([...path, "input"], `lacks "${name}", which "${tool}" needs`);
  }
  for (const [name, value] of Object.entries(input)) {
    checkParameter(tool, schema, value, [...path, "input", name]);
  }
}

function checkParameter(tool: string, schema: InputSchema, value: unknown, path: Path): void {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, object>>;
  const name = String(path.at(-1));
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (property === undefined) {
    if (schema.additionalProperties !== false) return;
    const known = Object.keys(properties).join(", ") || "none";
    throw fault(path, `is no parameter of "${tool}": it takes ${known}`);
  }
  if (hasReferences(value)) return;
  const { $defs } = schema;
  const whole = { ...property, ...($defs !== undefined && { $defs }) };
  const { valid, errors } = new Validator(whole, "2020-12", false).validate(value);
  if (valid) return;
  const why = errors.at(-1)?.error ?? "it does not match the schema.";
  throw fault(path, `is not what "${tool}" takes: ${why} It is ${shown(value)}`);
}
