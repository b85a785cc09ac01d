/** A run comes from another owner's queue. @module */

import { blockOf } from "../../ipld/block.ts";
import { isFinal, NEVER, type Task, type TaskSpec } from "../../queue/task.ts";
import type { WorkingSet } from "../../queue/working-set.ts";
import { flowOf } from "../flows.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { CALL_KIND } from "../tasks.ts";
import type { RunInput } from "../values.ts";
import type { Origin } from "./origin.ts";
import type { Replica } from "./replica.ts";

/** How a run is adopted. */
export interface Adoption {
  readonly self: string;
  readonly epoch: number;
  /** Who submitted it, and to whom. */
  readonly origin: Origin;
  /** On whose behalf everything further of it is done here. */
  readonly caller: TaskSpec["caller"];
}

/** A run becomes one of this queue, as it was; what others were working on is worked again. */
export function adopt(set: WorkingSet, replica: Replica, adoption: Adoption): void {
  const { run: id, definitions, tasks } = replica;
  // The network may bring one request twice.
  if (set.task(id)) return;
  for (const task of inOrderOfEnds(tasks)) adoptTask(set, task, replica, adoption);
  for (const definition of definitions) {
    const { cid, bytes } = blockOf(definition);
    set.keep(id, cid.toString(), bytes);
  }
  // It was paused so that nothing began while it was on its way.
  const run = set.task(id);
  if (run && !isFinal(run) && runStateOf(run).resumes) flowOf(set).resume(id);
}

function adoptTask(
  set: WorkingSet,
  task: Task,
  { run, members, head, coordinator: from }: Replica,
  { self, epoch, origin, caller }: Adoption,
): void {
  const { spec, priority, labels } = task;
  const own = { ...spec, queue: set.queue, caller };
  const added = set.add({
    spec: spec.kind === RUN_KIND ? ofRun(own, self, origin) : ofNode(own, self),
    ...{ priority, labels, runAt: dueAt(task, set.now) },
  });
  const flow =
    spec.id === run ? { ...runStateOf(task), coordination: { epoch, members } } : task.flow;
  // A call that was not over is as if it had never begun.
  if (!isFinal(task) && flow === undefined) return;
  const row = { ...(isFinal(task) && endOf(task)), ...(flow !== undefined && { flow }) };
  const commit = head !== undefined && { commit: head };
  set.record(added, { type: "adopted", from, epoch, row, ...commit });
}

/** What ended first is written first here, too: undoing goes by that. The run itself comes before all. */
function inOrderOfEnds([root, ...parts]: readonly Task[]): readonly Task[] {
  const rank = ({ endedBy = Infinity }: Task): number => endedBy;
  return [...(root ? [root] : []), ...parts.toSorted((a, b) => rank(a) - rank(b) || 0)];
}

/** The place in the log of another queue means nothing here, and neither does a key of its callers. */
function ofRun({ idempotencyKey: _, ...spec }: TaskSpec, self: string, origin: Origin): TaskSpec {
  const input = { ...(spec.input as RunInput), coordinator: self, origin };
  return { ...spec, input };
}

/** A call that was for this server's queue is one of it now. */
function ofNode(spec: TaskSpec, self: string): TaskSpec {
  if (spec.kind !== CALL_KIND || !spec.peers?.includes(self)) return spec;
  const { peers, ...rest } = spec;
  const others = peers.filter((peer) => peer !== self);
  return others.length > 0 ? { ...rest, peers: others } : { ...rest, kind: "tool" };
}

/** What is decided here keeps its moment; calls begin again. */
function dueAt(task: Task, now: number): number {
  if (isFinal(task) || task.spec.kind === CALL_KIND) return NEVER;
  return task.spec.kind === "tool" ? now : task.runAt;
}

function endOf(task: Task): Partial<Task> {
  const { state, result, resultCid, error, attempts, stalls, worker, peer } = task;
  const { startedAt, finishedAt } = task;
  const present = { result, resultCid, error, worker, peer, startedAt, finishedAt };
  const known = Object.entries(present).filter(([, value]) => value !== undefined);
  return { state, attempts, stalls, ...Object.fromEntries(known) };
}
