/** A run comes from another owner's queue, and goes to one. @module */

import { blockOf } from "../../ipld/block.ts";
import { isFinal, type Task, type TaskSpec } from "../../queue/task.ts";
import type { WorkingSet } from "../../queue/working-set.ts";
import { flowOf } from "../flows.ts";
import { tasksOf } from "../parts.ts";
import type { Plans } from "../plans.ts";
import { type Coordination, RUN_KIND, type RunState, runStateOf } from "../run-state.ts";
import { CALL_KIND, NEVER } from "../tasks.ts";
import type { RunInput } from "../values.ts";
import { type Origin, originOf } from "./origin.ts";
import type { Replica } from "./replica.ts";

/** What is done when a run comes and goes waits for no others. */
export const OWN_AFFAIR = { isOwnAffair: true } as const;

/** How a run is adopted. */
export interface Adoption {
  readonly self: string;
  readonly epoch: number;
  /** The submitter as this server knows it, for the rights of all further calls. */
  readonly callerOf: (origin: Origin) => TaskSpec["caller"];
}

/** A run becomes one of this queue, as it was; what others were working on is worked again. */
export function adopt(set: WorkingSet, replica: Replica, adoption: Adoption): Task {
  const { run: id, definitions, tasks, coordinator: from, members } = replica;
  const { self, epoch, callerOf } = adoption;
  const [root] = tasks;
  const here = set.task(id);
  // The network may bring one request twice.
  if (here) return here;
  const origin = root ? originOf(root, from) : { peer: from, caller: { id: "", grant: null } };
  const caller = callerOf(origin);
  for (const task of inOrderOfEnds(tasks)) {
    const { spec, priority, labels } = task;
    const own = { ...spec, queue: set.queue, caller };
    const added = set.add({
      spec: spec.kind === RUN_KIND ? ofRun(own, self, origin) : ofNode(own, self),
      ...{ priority, labels, runAt: dueAt(task, set.now) },
    });
    const flow =
      spec.id === id ? { ...runStateOf(task), coordination: { epoch, members } } : task.flow;
    const row = isFinal(task) ? endOf(task) : {};
    const isPlain = !isFinal(task) && flow === undefined;
    const about = { from, epoch, row: { ...row, ...(flow !== undefined && { flow }) } };
    if (!isPlain) set.record(added, { type: "adopted", ...about });
  }
  for (const definition of definitions) {
    const { cid, bytes } = blockOf(definition);
    set.keep(id, cid.toString(), bytes);
  }
  const adopted = set.task(id);
  if (adopted) return adopted;
  throw new TypeError(`The replica of ${id} has no tasks`);
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

/** To whom a run is going from here, and as what; soon after nothing is here of it. */
export function yieldedOf(run: Task): RunState["yielded"] {
  return run.spec.kind === RUN_KIND ? runStateOf(run).yielded : undefined;
}

/** The run as it is at this moment; throws {@link MissingPlan}. */
export function replicaOf(
  run: Task,
  find: (id: string) => Task | undefined,
  {
    plans,
    self,
    version,
    now,
  }: {
    readonly plans: Plans;
    readonly self: string;
    readonly version: number;
    readonly now: number;
  },
): Replica {
  const { coordination = { epoch: 0, members: [self] } } = runStateOf(run);
  const tasks = [...tasksOf(run, find, (definition) => plans.get(definition))];
  const named = tasks
    .filter(({ spec }) => spec.kind === RUN_KIND)
    .map((task) => runStateOf(task).definition.split("/")[0] ?? "");
  return {
    ...{ run: run.spec.id, queue: run.spec.queue, coordinator: self, version, at: now },
    ...coordination,
    definitions: plans.writtenOf(named),
    tasks,
  };
}

/**
 * A run goes to another coordinator: nothing of it happens here any more, and what it was is kept
 * beside it until that one has it. Answers with what is handed over.
 */
export function yieldRun(
  set: WorkingSet,
  run: Task,
  about: {
    readonly to: string;
    readonly epoch: number;
    readonly plans: Plans;
    readonly self: string;
  },
): Replica {
  const { to, epoch, plans, self } = about;
  const { now, lastEvent: version } = set;
  const replica = replicaOf(run, (id) => set.task(id), { plans, self, version, now });
  const block = blockOf(JSON.parse(JSON.stringify(replica)));
  stop(set, replica.tasks, to);
  const state = { ...runStateOf(run), yielded: { to, epoch, replica: block.cid.toString() } };
  const told = set.record(set.task(run.spec.id) ?? run, { type: "advanced", flow: state });
  set.keep(run.spec.id, block.cid.toString(), block.bytes);
  const reason = `handed over to ${to}`;
  flowOf(set).quietly(
    () => void set.record(told, { type: "cancelled", reason, code: "handed_over" }),
  );
  return replica;
}

/** A run goes on here under a later epoch. */
export function raiseEpoch(set: WorkingSet, id: string, coordination: Coordination): void {
  const run = set.task(id);
  if (run) set.record(run, { type: "advanced", flow: { ...runStateOf(run), coordination } });
}

/** Others have gone on without this server: what is here of the run is nothing any more. */
export function dropRun(set: WorkingSet, run: Task, plans: Plans, to: string): void {
  const tasks = [
    ...tasksOf(
      run,
      (id) => set.task(id),
      (definition) => plans.get(definition),
    ),
  ];
  stop(set, tasks, to);
  const reason = `taken over by ${to}`;
  flowOf(set).quietly(() => {
    if (!isFinal(run)) set.record(run, { type: "cancelled", reason, code: "handed_over" });
  });
  const left = set.task(run.spec.id);
  if (left) set.remove(left);
}

/** End and forget all tasks but the run's own. */
function stop(set: WorkingSet, [, ...parts]: readonly Task[], to: string): void {
  const reason = `the workflow was handed over to ${to}`;
  flowOf(set).quietly(() => {
    for (const part of parts) {
      if (!isFinal(part)) set.record(part, { type: "cancelled", reason, code: "handed_over" });
    }
  });
  for (const part of parts.toReversed()) {
    const left = set.task(part.spec.id);
    if (left) set.remove(left);
  }
}
