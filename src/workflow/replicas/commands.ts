/** A run goes to another owner's queue. @module */

import { blockOf } from "../../ipld/block.ts";
import { isFinal, type Task } from "../../queue/task.ts";
import type { WorkingSet } from "../../queue/working-set.ts";
import { pause } from "../commands.ts";
import { flowOf } from "../flows.ts";
import { tasksOf } from "../parts.ts";
import type { Plans } from "../plans.ts";
import { type Coordination, RUN_KIND, type RunState, runStateOf } from "../run-state.ts";
import type { Replica } from "./replica.ts";

/** What is done when a run comes and goes waits for no others. */
export const OWN_AFFAIR = { isOwnAffair: true } as const;

/** To whom a run is going from here, and as what; soon after nothing is here of it. */
export function yieldedOf(run: Task): RunState["yielded"] {
  return run.spec.kind === RUN_KIND ? runStateOf(run).yielded : undefined;
}

/** The run as it is at this moment; throws {@link MissingPlan}. */
export function replicaOf(
  run: Task,
  find: (id: string) => Task | undefined,
  about: {
    readonly plans: Plans;
    readonly self: string;
    readonly version: number;
    readonly head: string | undefined;
    readonly now: number;
  },
): Replica {
  const { plans, self, version, head, now } = about;
  const { coordination = { epoch: 0, members: [self] } } = runStateOf(run);
  const tasks = [...tasksOf(run, find, (definition) => plans.get(definition))];
  const named = tasks
    .filter(({ spec }) => spec.kind === RUN_KIND)
    .map((task) => runStateOf(task).definition.split("/")[0] ?? "");
  return {
    ...{ run: run.spec.id, queue: run.spec.queue, coordinator: self, version, at: now },
    ...(head !== undefined && { head }),
    ...coordination,
    definitions: plans.writtenOf(named),
    tasks,
  };
}

/**
 * A run goes to another coordinator: nothing of it happens here any more, and what it was is kept
 * beside it until that is booked.
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
): void {
  const { to, epoch, plans, self } = about;
  const { now, lastEvent: version, head } = set;
  const replica = replicaOf(run, (id) => set.task(id), { plans, self, version, head, now });
  const block = blockOf(JSON.parse(JSON.stringify(replica)));
  stop(set, replica.tasks, to);
  const state = { ...runStateOf(run), yielded: { to, epoch, replica: block.cid.toString() } };
  const told = set.record(set.task(run.spec.id) ?? run, { type: "advanced", flow: state });
  set.keep(run.spec.id, block.cid.toString(), block.bytes);
  const reason = `handed over to ${to}`;
  flowOf(set).quietly(
    () => void set.record(told, { type: "cancelled", reason, code: "handed_over" }),
  );
}

/** A run goes on here under a later epoch. */
export function raiseEpoch(set: WorkingSet, id: string, coordination: Coordination): void {
  const run = set.task(id);
  if (run) set.record(run, { type: "advanced", flow: { ...runStateOf(run), coordination } });
}

/** Begin nothing more, until another server has the run; it was not paused before. */
export function pauseToHandOver(set: WorkingSet, id: string): void {
  pause(set, id);
  flowOf(set).change(id, (state) => {
    state.resumes = true;
  });
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
