/** What a run leaves behind for whoever looks at it later: its events, and the proof of their order. @module */

import { InputError } from "../../errors.ts";
import { toBase64 } from "../../ipld/base64.ts";
import type { Queue } from "../../queue/queue.ts";
import type { Task } from "../../queue/task.ts";
import type { TaskScope } from "../../registry/tasks.ts";
import type { Workflows } from "../../registry/workflows.ts";
import { findRun } from "../find-run.ts";
import type { AttachedFlows } from "../flows.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { eventsOf } from "./events.ts";
import { type GatherNeeds, gatherProof } from "./gather.ts";
import { tasksOf } from "./run-tasks.ts";

/** What the records of runs need. */
export interface RunRecordNeeds extends GatherNeeds {
  /** The queue of this name, opened where need be. */
  readonly queue: (name: string) => Promise<Queue>;
  readonly flows: AttachedFlows;
}

/** The records of the runs of this server. */
export function createRunRecord(needs: RunRecordNeeds): Pick<Workflows, "events" | "proof"> {
  return {
    async events(scope, id) {
      const { queue, tasks } = await partsOf(needs, scope, id);
      return eventsOf(needs.store, { queue: queue.name, run: id }, tasks);
    },
    async proof(scope, id, signal) {
      const { queue, run, tasks } = await partsOf(needs, scope, id);
      if (runStateOf(run).definition.includes("/")) throw isWithin(id);
      const definitions = await definitionsOf(needs.flows, tasks);
      return toBase64(await gatherProof(needs, { queue, run, tasks, definitions }, signal));
    },
  };
}

interface Parts {
  readonly queue: Queue;
  readonly run: Task;
  readonly tasks: readonly Task[];
}

async function partsOf(needs: RunRecordNeeds, scope: TaskScope, id: string): Promise<Parts> {
  const { flows } = needs;
  const queue = await needs.queue(scope.queue);
  const run = await findRun(queue, scope.caller, id);
  const tasks = await queue.run((set) => tasksOf(set, flows.plans, set.task(id) ?? run));
  return { queue, run, tasks };
}

/** The blocks of the workflows that a run is of; those that are written out within another are part of it. */
async function definitionsOf(
  flows: AttachedFlows,
  tasks: readonly Task[],
): Promise<readonly Uint8Array[]> {
  const runs = tasks.filter(({ spec }) => spec.kind === RUN_KIND);
  const cids = runs.map((run) => runStateOf(run).definition).filter((cid) => !cid.includes("/"));
  return Promise.all(
    [...new Set(cids)].map(async (cid) => {
      const stored = await flows.fetch((plans) => plans.stored(cid));
      if (stored) return stored.bytes;
      throw new InputError("not_found", `The definition ${cid} of the workflow is gone`);
    }),
  );
}

/** Its workflow has no block of its own. */
function isWithin(workflowId: string): InputError {
  const message = `Workflow ${workflowId} is part of another one, and is proven with it: ask for that one`;
  return new InputError("invalid_input", message, { data: { workflowId } });
}
