/** The tasks that a run is made of. @module */

import { blockOf } from "../ipld/block.ts";
import { NEVER, type Task, type TaskError, type TaskSpec } from "../queue/task.ts";
import type { Elsewhere } from "../queue/task-event.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { type Body, LIMITS, type Work } from "./definition.ts";
import { type FlowPlace, placeOf, taskIdOf } from "./values.ts";

/** A run's tasks are forgotten with it, and not before. */
const KEPT_MS = 10 * 366 * 86_400_000;

/** The kind of a task that no worker works: what becomes of it is decided here. */
export function controlKind(kind: Work["kind"] | "undo"): string {
  return `workflow.${kind}`;
}

/** A call that is for the queue of a peer: what becomes of it is heard from there. */
export const CALL_KIND = "workflow.call";

/** Add the task of a place that is given to a worker, or to the queue of a peer. */
export function addCall(
  set: WorkingSet,
  run: Task,
  place: FlowPlace,
  call: Body & {
    readonly at?: readonly string[] | undefined;
    readonly groupKey?: string;
    readonly groupLimit?: number;
  },
): Task {
  const { tool, input = {}, retry, timeoutMs, peer, at, groupKey = run.spec.id, groupLimit } = call;
  const { spec } = run;
  return set.add({
    spec: {
      ...common(set, run, place),
      ...(at ? { kind: CALL_KIND, peers: at } : { kind: "tool" }),
      ...{ groupKey, ...(groupLimit !== undefined && { groupLimit }) },
      ...{ tool, input },
      timeoutMs: timeoutMs ?? spec.timeoutMs,
      maxAttempts: retry?.maxAttempts ?? spec.maxAttempts,
      backoff: { ...spec.backoff, ...retry?.backoff },
      requires: [...new Set(peer?.requires ?? [])].sort(),
    },
    priority: run.priority,
    runAt: at ? NEVER : set.now,
    labels: {},
  });
}

/** Add the task of a place that is decided here. */
export function addControl(
  set: WorkingSet,
  run: Task,
  place: FlowPlace,
  about: Pick<TaskSpec, "kind" | "input" | "tool"> & { readonly runAt?: number },
): Task {
  const { runAt = NEVER, ...asked } = about;
  return set.add({
    spec: { ...common(set, run, place), ...asked, requires: [] },
    priority: run.priority,
    runAt,
    labels: {},
  });
}

function common(set: WorkingSet, { spec }: Task, place: FlowPlace) {
  return {
    ...{ id: taskIdOf(place), queue: spec.queue, flow: place },
    ...{ timeoutMs: spec.timeoutMs, maxAttempts: spec.maxAttempts, maxStalls: spec.maxStalls },
    ...{ backoff: spec.backoff, resultTtlMs: KEPT_MS, caller: spec.caller },
    ...{ submittedAt: set.now, generation: 0 },
  };
}

/** Let a task that nobody works end well; one whose result is too large has failed. */
export function complete(set: WorkingSet, task: Task, value: unknown, elsewhere?: Elsewhere): Task {
  const result = value ?? null;
  const { cid, bytes } = blockOf(result);
  if (bytes.length > LIMITS.payloadBytes) {
    return fail(set, task, tooLarge("result", bytes.length), elsewhere);
  }
  return set.record(task, {
    ...{ type: "completed", token: task.token },
    ...{ result, resultCid: cid.toString() },
    ...(elsewhere && { elsewhere }),
  });
}

/** Let a task that nobody works fail. */
export function fail(set: WorkingSet, task: Task, error: TaskError, elsewhere?: Elsewhere): Task {
  const about = { type: "failed", token: task.token, error } as const;
  const how = elsewhere && { elsewhere };
  return set.record(task, { ...about, isRetryable: false, retryAt: set.now, ...how });
}

/** A node that does not run. */
export function skip(set: WorkingSet, run: Task, node: string, reason: string): Task {
  const place: FlowPlace = { run: run.spec.id, node, role: "node" };
  const task = addControl(set, run, place, { kind: "workflow.skipped", input: null });
  return set.record(task, { type: "cancelled", reason, code: "skipped" });
}

/** Whether a task is one of those that nobody works. */
export function isControl({ spec }: Task): boolean {
  return placeOf(spec) !== undefined && spec.kind.startsWith("workflow");
}

/** A value that must not be passed on. */
export function tooLarge(what: string, bytes: number): TaskError {
  return {
    code: "too_large",
    message: `The ${what} has ${bytes} bytes, and nodes pass on at most ${LIMITS.payloadBytes}: pass where it is, such as a path or a CID`,
    data: { bytes, maxBytes: LIMITS.payloadBytes },
  };
}
