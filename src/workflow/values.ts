/** What references stand for: the input of a run, and what became of its nodes. @module */

import type { Task, TaskSpec } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import type { Scope } from "./references.ts";

/** A place in a run. */
export interface FlowPlace {
  readonly run: string;
  readonly node: string;
  /** `item` of a map or round of a loop, `undo` of a node. */
  readonly role: "node" | "item" | "undo";
  readonly index?: number;
}

/** What a run's own task is given. */
export interface RunInput {
  readonly input: unknown;
  /** Id of the server that coordinates it. */
  readonly coordinator: string;
  /** Ids of all servers that take part, that one included; `$peers` are the others. */
  readonly members?: readonly string[];
  /** Whose it is, where it was handed over. */
  readonly origin?: {
    readonly peer: string;
    readonly caller: { readonly id: string; readonly grant: unknown };
  };
}

/** The place of a task in a workflow. */
export function placeOf({ flow }: Pick<TaskSpec, "flow">): FlowPlace | undefined {
  // Stored by this module alone.
  return flow as FlowPlace | undefined;
}

/** Ids follow from the place, so that nothing can begin twice. */
export function taskIdOf({ run, node, role, index }: FlowPlace): string {
  const id = `${run}.${node}`;
  if (role === "item") return `${id}.${index ?? 0}`;
  return role === "undo" ? `${id}~undo` : id;
}

/** What the names of a run's references stand for. */
export function scopeOf(
  set: Pick<WorkingSet, "task">,
  run: Task,
  own: Readonly<Record<string, unknown>> = {},
): Scope {
  const { input, coordinator, members = [] } = run.spec.input as RunInput;
  return (name) => {
    if (Object.hasOwn(own, name)) return own[name];
    if (name === "input") return input;
    if (name === "peers") return members.filter((member) => member !== coordinator);
    const task = set.task(taskIdOf({ run: run.spec.id, node: name, role: "node" }));
    return task && viewOf(task);
  };
}

/** What others may refer to of a node. */
function viewOf(task: Task): Readonly<Record<string, unknown>> {
  const { error, peer } = task;
  const state = stateOf(task);
  const value = outcomeValue(task);
  return {
    state,
    result: value,
    ...(peer !== undefined && { peer }),
    ...(Array.isArray(value) && { results: value }),
    ...(task.spec.kind === "workflow.wait" && { payload: value }),
    // A task that is done keeps the error of the attempt before.
    ...(error && state !== "done" && { error: { code: error.code, message: error.message } }),
  };
}

/** As nodes are told of: attempts that are used up are a failure, and what did not run was skipped. */
function stateOf({ state, error }: Task): string {
  if (state === "dead") return "failed";
  return state === "cancelled" && error?.code === "skipped" ? "skipped" : state;
}

interface CallResultLike {
  readonly content?: unknown;
  readonly structuredContent?: unknown;
}

/** What a node came to: of a tool its structured content, else its text. */
export function outcomeValue({ spec, result }: Pick<Task, "spec" | "result">): unknown {
  if (spec.tool === undefined || typeof result !== "object" || result === null) return result;
  const { structuredContent, content } = result as CallResultLike;
  if (structuredContent !== undefined) return structuredContent;
  const parts = Array.isArray(content) ? content : [];
  const texts = parts.flatMap((part: { type?: unknown; text?: unknown }) =>
    part.type === "text" && typeof part.text === "string" ? [part.text] : [],
  );
  return texts.length > 0 && texts.length === parts.length ? texts.join("\n") : result;
}
