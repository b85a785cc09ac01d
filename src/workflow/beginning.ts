/** A node begins: its input is known, and it becomes a task, or several, or is decided at once. @module */

import { MeshError } from "../errors.ts";
import { blockOf } from "../ipld/block.ts";
import { encodeBriefly } from "../ipld/encode.ts";
import { isFinal, NEVER, type Task, type TaskError } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { LIMITS, type Work } from "./definition.ts";
import type { PlannedNode } from "./plan.ts";
import { resolve, type Scope } from "./references.ts";
import type { RunState } from "./run-state.ts";
import { addCall, addControl, complete, controlKind, fail, tooLarge } from "./tasks.ts";
import { type FlowPlace, scopeOf, taskIdOf } from "./values.ts";
import { whereOf } from "./where.ts";

/** What a node begins with. */
export interface Beginning {
  readonly set: WorkingSet;
  readonly run: Task;
  readonly state: RunState;
  readonly planned: PlannedNode;
  /** Begins a run within this one, at the place of the node; false where its workflow is not known. */
  readonly beginRun: (
    place: FlowPlace,
    work: Extract<Work, { kind: "sub" }>,
    input: unknown,
  ) => boolean;
}

/** Let a node begin; what cannot begin has failed. */
export function begin(about: Beginning): void {
  const { set, run, planned } = about;
  const place: FlowPlace = { run: run.spec.id, node: planned.node.id, role: "node" };
  const scope = scopeOf(set, run);
  const { work } = planned.node;
  switch (work.kind) {
    case "tool": {
      const input = resolve(work.input ?? {}, scope) as Readonly<Record<string, unknown>>;
      const size = sizeOf(input);
      const where = whereOf(work.peer, run, scope);
      if (size > LIMITS.payloadBytes) {
        failAtOnce(about, place, controlKind("tool"), tooLarge("input", size));
      } else if ("error" in where) failAtOnce(about, place, controlKind("tool"), where.error);
      else if (!takeOver(about, place, work.tool, input)) {
        addCall(set, run, place, { ...work, ...where, input });
      }
      return;
    }
    case "map":
      beginMap(about, place, work, scope);
      return;
    case "branch":
      decide(about, place, work, scope);
      return;
    case "loop": {
      addControl(set, run, place, { kind: controlKind("loop"), input: { max: work.max } });
      beginRound(about, work, 0, null);
      return;
    }
    case "sub":
      beginSub(about, place, work, scope);
      return;
    case "wait": {
      const { signal, approval, timeoutMs } = work;
      const runAt = timeoutMs === undefined ? NEVER : set.now + timeoutMs;
      const input = {
        ...(signal !== undefined && { signal }),
        ...(approval !== undefined && { approval }),
      };
      const task = addControl(set, run, place, { kind: controlKind("wait"), input, runAt });
      const twin = twinOf(about, place);
      // Who was asked once is not asked again.
      if (twin?.spec.kind === task.spec.kind) complete(set, task, twin.result);
      return;
    }
    case "collect": {
      const task = addControl(set, run, place, { kind: controlKind("collect"), input: null });
      complete(set, task, resolve(work.value, scope));
    }
  }
}

const sizeOf = (value: unknown): number => encodeBriefly(value).length;

function failAtOnce(
  { set, run }: Beginning,
  place: FlowPlace,
  kind: string,
  error: TaskError,
): void {
  fail(set, addControl(set, run, place, { kind, input: null }), error);
}

const invalid = (message: string): TaskError => ({ code: "invalid_input", message });

function beginMap(
  about: Beginning,
  place: FlowPlace,
  { over, maxParallel, body }: Extract<Work, { kind: "map" }>,
  scope: Scope,
): void {
  const { set, run } = about;
  const kind = controlKind("map");
  const items = resolve(over, scope);
  if (!Array.isArray(items)) {
    const is = items === null ? "nothing" : `of the type ${typeof items}`;
    failAtOnce(about, place, kind, invalid(`What the map goes over is no list: it is ${is}`));
    return;
  }
  if (items.length > LIMITS.items) {
    const message = `The map goes over ${items.length} items; ${LIMITS.items} is the limit: divide them`;
    failAtOnce(about, place, kind, { code: "too_large", message });
    return;
  }
  const map = addControl(set, run, place, { kind, input: { items: items.length } });
  const calls = items.map((item, index) => {
    const own = scopeOf(set, run, { item, index });
    const input = resolve(body.input ?? {}, own) as Readonly<Record<string, unknown>>;
    return { input, where: whereOf(body.peer, run, own) };
  });
  const large = calls.map(({ input }) => sizeOf(input)).find((size) => size > LIMITS.payloadBytes);
  const lost = calls.find(({ where }) => "error" in where)?.where;
  if (large !== undefined) fail(set, map, tooLarge("input of an item", large));
  else if (lost && "error" in lost) fail(set, map, lost.error);
  else if (items.length === 0) complete(set, map, []);
  if (isFinal(set.task(taskIdOf(place)) ?? map)) return;
  set.record(map, { type: "advanced", flow: { left: items.length, failed: [] } });
  const group = maxParallel !== undefined && {
    ...{ groupKey: taskIdOf(place), groupLimit: maxParallel },
  };
  for (const [index, { input, where }] of calls.entries()) {
    const item: FlowPlace = { ...place, role: "item", index };
    if (takeOver(about, item, body.tool, input)) continue;
    addCall(set, run, item, { ...body, ...group, ...where, input });
  }
}

/** The next round of a loop; `last` is what the one before came to. */
export function beginRound(
  { set, run, state, planned }: Pick<Beginning, "set" | "run" | "state" | "planned">,
  { body }: Extract<Work, { kind: "loop" }>,
  index: number,
  last: unknown,
): void {
  const place: FlowPlace = { run: run.spec.id, node: planned.node.id, role: "item", index };
  const own = scopeOf(set, run, { last, index });
  const input = resolve(body.input ?? {}, own) as Readonly<Record<string, unknown>>;
  if (takeOver({ set, run, state, planned }, place, body.tool, input)) return;
  const where = whereOf(body.peer, run, own);
  if ("error" in where) {
    const { tool } = body;
    fail(set, addControl(set, run, place, { kind: controlKind("tool"), tool, input }), where.error);
  } else addCall(set, run, place, { ...body, ...where, input });
}

function decide(
  about: Beginning,
  place: FlowPlace,
  { ways }: Extract<Work, { kind: "branch" }>,
  scope: Scope,
): void {
  const { set, run, planned } = about;
  const task = addControl(set, run, place, { kind: controlKind("branch"), input: null });
  try {
    // Once evaluated, it is never asked again: the choice is in the log.
    const way = planned.conditions.findIndex((condition) => !condition || condition.holds(scope));
    complete(set, task, { way, nodes: ways[way]?.to ?? [] });
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    fail(set, task, { code: error.code, message: error.message });
  }
}

function beginSub(
  about: Beginning,
  place: FlowPlace,
  work: Extract<Work, { kind: "sub" }>,
  scope: Scope,
): void {
  const { depth } = about.state;
  const refuse = (message: string): void =>
    failAtOnce(about, place, controlKind("sub"), invalid(message));
  if (depth >= LIMITS.depth) {
    refuse(`This is the ${depth + 1}th workflow within another; ${LIMITS.depth} is the limit`);
    return;
  }
  if (about.beginRun(place, work, resolve(work.input ?? null, scope))) return;
  refuse(
    `The workflow ${String(work.workflow)} is not known here: submit it once, or write it out`,
  );
}

/** A run that repeats another takes over what the same call with the same input came to. */
function takeOver(
  { set, run, state, planned }: Pick<Beginning, "set" | "run" | "state" | "planned">,
  place: FlowPlace,
  tool: string,
  input: unknown,
): boolean {
  const twin = twinOf({ set, state, planned }, place);
  if (!twin || twin.spec.tool !== tool) return false;
  const cid = (value: unknown): string => blockOf(value).cid.toString();
  if (cid(twin.spec.input) !== cid(input)) return false;
  const task = addControl(set, run, place, { kind: "tool", tool, input });
  set.record(task, {
    ...{ type: "completed", token: task.token, result: twin.result },
    ...{ resultCid: twin.resultCid ?? "", reused: twin.spec.id },
  });
  return true;
}

/** What was done at the same place of the run that is repeated. */
function twinOf(
  { set, state, planned }: Pick<Beginning, "set" | "state" | "planned">,
  place: FlowPlace,
): Task | undefined {
  const { reuse } = state;
  if (!reuse || reuse.except.includes(planned.node.id)) return undefined;
  const twin = set.task(taskIdOf({ ...place, run: reuse.run }));
  return twin?.state === "done" ? twin : undefined;
}
