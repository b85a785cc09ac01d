/**
 * How a workflow is written: what people and models submit, and what editors check against.
 *
 * ```json
 * { "name": "report",
 *   "nodes": [
 *     { "id": "fetch", "tool": "dataset_describe", "input": { "path": "$input.path" } },
 *     { "id": "gate", "wait": { "approval": "Publish it?" }, "after": ["fetch"] },
 *     { "id": "choose", "branch": [{ "when": "$gate.payload.approved", "then": "keep" }, { "else": "drop" }] },
 *     { "id": "keep", "tool": "cache_set", "input": { "key": "report", "value": "$fetch.result" } },
 *     { "id": "drop", "collect": "dropped" } ] }
 * ```
 *
 * @module
 */

import * as v from "valibot";
import { type Body, type JoinRule, LIMITS, type ToolCall } from "./definition.ts";

/** A workflow as it is written. */
export interface WrittenWorkflow {
  readonly $schema?: string;
  readonly name: string;
  readonly description?: string;
  readonly nodes: readonly WrittenNode[];
  readonly output?: unknown;
}

/** A node as it is written: exactly one of what it can do is there. */
export interface WrittenNode extends Omit<Body, "tool"> {
  readonly id: string;
  readonly tool?: string;
  readonly map?: { readonly over: unknown; readonly maxParallel?: number; readonly node: Body };
  readonly branch?: readonly WrittenWay[];
  readonly loop?: { readonly node: Body; readonly until: string; readonly max: number };
  readonly sub?: {
    readonly workflow: string | Readonly<Record<string, unknown>>;
    readonly input?: unknown;
  };
  readonly wait?: {
    readonly signal?: string;
    readonly approval?: string;
    readonly timeoutMs?: number;
  };
  readonly collect?: unknown;
  readonly after?: readonly string[];
  readonly join?: JoinRule;
  readonly compensate?: ToolCall;
}

/** One way of a branch as it is written. */
export type WrittenWay =
  | { readonly when: string; readonly then: string | readonly string[] }
  | { readonly else: string | readonly string[] };

const DAY_MS = 86_400_000;

const id = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]{0,63}$/, "must be a name such as fetch_2: a-z, 0-9 and _, at most 64"),
  v.description("Unique in the workflow; others refer to it as $id.result"),
);
const ids = v.array(id);
const toolName = v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.description("Its name"));
const toolInput = v.pipe(
  v.record(v.string(), v.unknown()),
  v.description("Parameters; a text such as $fetch.result.rows stands for that value"),
);
const condition = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LIMITS.expressionLength),
  v.description("A condition in CEL, with references, such as $fetch.result.count > 3"),
);
const whole = (max: number, description: string): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max), v.description(description));

const call = v.strictObject({ tool: toolName, input: v.exactOptional(toolInput) });

const options = {
  retry: v.exactOptional(
    v.strictObject({
      maxAttempts: v.exactOptional(whole(1_000, "Attempts before the node has failed")),
      backoff: v.exactOptional(
        v.strictObject({
          initialMs: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(DAY_MS))),
          factor: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(100))),
          maxMs: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(DAY_MS))),
          jitter: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
        }),
      ),
    }),
  ),
  timeoutMs: v.exactOptional(whole(7 * DAY_MS, "Time for one attempt, in ms")),
  peer: v.exactOptional(
    v.strictObject({
      requires: v.exactOptional(
        v.pipe(v.array(v.string()), v.description("Abilities that its worker must have")),
      ),
      at: v.exactOptional(
        v.pipe(
          v.union([v.string(), v.array(v.string())]),
          v.description(
            "Peers (id, name or multiaddr) of which one gets the call into its queue; $peers are those of the run, $fetch.peer is where fetch was worked",
          ),
        ),
      ),
    }),
  ),
};

const body = v.strictObject({ ...call.entries, ...options });

const map = v.strictObject({
  over: v.pipe(v.unknown(), v.description("The list, most often a reference")),
  maxParallel: v.exactOptional(whole(LIMITS.items, "Items that are worked at once")),
  node: v.pipe(body, v.description("The call for each; $item and $index stand for the item")),
});

const branch = v.pipe(
  v.array(
    v.union([
      // biome-ignore lint/suspicious/noThenProperty: it is a key of the written form, and nobody awaits it.
      v.strictObject({ when: condition, then: v.union([id, ids]) }),
      v.strictObject({ else: v.union([id, ids]) }),
    ]),
  ),
  v.minLength(1),
  v.description("The first way whose condition holds; nodes of the others are skipped"),
);

const loop = v.strictObject({
  node: v.pipe(
    body,
    v.description("The call of each round; $last is the result of the one before"),
  ),
  until: v.pipe(condition, v.description("It ends when this holds, e.g. $last.done == true")),
  max: whole(LIMITS.items, "Rounds after which it has failed"),
});

const sub = v.strictObject({
  workflow: v.pipe(
    v.union([v.string(), v.record(v.string(), v.unknown())]),
    v.description("A workflow, or the CID of one that was submitted here before"),
  ),
  input: v.exactOptional(v.unknown()),
});

const wait = v.strictObject({
  signal: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  approval: v.exactOptional(
    v.pipe(v.string(), v.minLength(1), v.maxLength(1_000), v.description("What is asked")),
  ),
  timeoutMs: v.exactOptional(whole(366 * DAY_MS, "Longest wait; alone, it is a pause")),
});

const node = v.strictObject({
  id,
  tool: v.exactOptional(toolName),
  input: v.exactOptional(toolInput),
  map: v.exactOptional(map),
  branch: v.exactOptional(branch),
  loop: v.exactOptional(loop),
  sub: v.exactOptional(sub),
  wait: v.exactOptional(wait),
  collect: v.exactOptional(
    v.pipe(v.unknown(), v.description("Its result is this, with references replaced")),
  ),
  after: v.exactOptional(v.pipe(ids, v.description("Nodes that come before"))),
  join: v.exactOptional(
    v.pipe(
      v.picklist(["all_success", "all_done", "one_success", "none_failed"]),
      v.description("What must have become of the nodes before; all_success unless given"),
    ),
  ),
  compensate: v.exactOptional(
    v.pipe(call, v.description("Undoes the node when the run fails or is cancelled")),
  ),
  ...options,
});

/** What is written is checked against this; `written.ts` makes sense of it. */
export const workflowSchema: v.GenericSchema<unknown, WrittenWorkflow> = v.strictObject({
  $schema: v.exactOptional(v.pipe(v.string(), v.description("For editors; nothing reads it"))),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(2_000))),
  nodes: v.pipe(v.array(node), v.minLength(1), v.maxLength(LIMITS.nodes)),
  output: v.exactOptional(
    v.pipe(v.unknown(), v.description("The run's result, with references replaced")),
  ),
});
