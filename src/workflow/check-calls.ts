/** Whether a workflow's calls can work: its tools exist, and take what they are given. @module */

import { Validator } from "@cfworker/json-schema";
import { InputError } from "../errors.ts";
import { shown } from "../registry/pointer.ts";
import { callsIn } from "./calls.ts";
import type { ToolCall, WorkflowDefinition } from "./definition.ts";
import { fault, type Path } from "./faults.ts";
import { hasReferences } from "./references.ts";

/** What is known of a tool's input. */
export type InputSchema = Readonly<Record<string, unknown>>;

/** What calls are checked against. */
export interface CallChecks {
  /** The tool's schema; throws where the caller may not use a tool, or there is none of this name. */
  readonly inputSchema: (tool: string) => Promise<InputSchema | undefined>;
  /** Whether several servers have the queue. */
  readonly isShared: boolean;
  /** Those that are to take part. */
  readonly peers: readonly string[] | undefined;
}

/** Check every call of a workflow; throws with the path of the fault. */
export async function checkCalls(
  definition: WorkflowDefinition,
  { inputSchema, isShared, peers }: CallChecks,
): Promise<void> {
  if (isShared && peers) {
    const message =
      "The queues here are in a database that servers share (queue.url), and any of them goes on with their runs: leave out peers";
    throw new InputError("invalid_input", message, { data: { peers } });
  }
  for (const { call, path } of callsIn(definition)) {
    if (call.peer?.at === undefined) {
      const schema = await inputSchema(call.tool);
      if (schema) checkCall(call, schema, path);
    } else if (isShared) {
      // Who gives a call does so in its own name, and servers that share a queue have none in common.
      const why = "and the queues here are in a database that servers share (queue.url)";
      const instead = "name abilities with peer.requires, and let workers come";
      throw fault([...path, "peer", "at"], `gives a call to a peer, ${why}: ${instead}`);
    }
    // What a peer has, it checks itself when it gets the call.
  }
}

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
