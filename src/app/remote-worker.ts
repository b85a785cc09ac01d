/** A worker of this process for the queues of peers. @module */

import type { WorkOptions } from "../app-queues.ts";
import { InputError } from "../errors.ts";
import { createManySources } from "../queue/many-sources.ts";
import { createRemoteSource, type Request } from "../queue/remote-source.ts";
import type { LeasedTask } from "../queue/task-source.ts";
import { Worker } from "../queue/worker.ts";
import type { WorkerNeeds } from "../queue/worker-types.ts";
import { type Caller, localCaller } from "../registry/caller.ts";
import { type QueueWork, taskHandler } from "./task-handler.ts";

/** What such a worker needs. */
export interface RemoteWorkerNeeds extends Pick<WorkerNeeds, "clock" | "trouble"> {
  readonly work: QueueWork;
  readonly own: Parameters<typeof taskHandler>[1];
  /** Sends requests to a peer. */
  readonly requestTo: (peer: string) => Request;
  /** The tools that this process has itself, and their categories. */
  readonly ownTools: () => ReadonlyMap<string, string>;
  readonly facts: { readonly host: string; readonly version: string };
}

/** Start to work. What the queue's owner asks for runs here as if this process's user had asked. */
export function startRemoteWorker(needs: RemoteWorkerNeeds, options: WorkOptions): Worker {
  const { work, own, clock, trouble, requestTo, ownTools, facts } = needs;
  const { queue = "default", slots, name, tools, abilities = [], peers } = options;
  const kinds = ["tool", ...Object.keys(own)];
  // The owner may offer the same tool: what was leased is worked here.
  const run = taskHandler(work, own, callerFor, (tool) => ownTools().get(tool));
  const owned = peers.map((owner) => ({
    owner,
    source: createRemoteSource(queue, requestTo(owner)),
  }));
  return new Worker({
    facts: { ...facts, worker: name, slots },
    skills: () => ({ kinds, tools: tools ?? [...ownTools().keys()], abilities }),
    source: createManySources(owned, { clock, random: Math.random }),
    run: async (task, context) => {
      // What this worker said that it can do is what it does, whatever the owner sends.
      if (tools && task.tool !== undefined && !tools.includes(task.tool)) throw notOffered(task);
      return run(task, context);
    },
    clock,
    trouble,
  });
}

function callerFor({ caller, owner = "" }: LeasedTask): Caller {
  return { id: `peer:${owner}/${caller.id}`, grant: localCaller.grant };
}

function notOffered({ tool }: LeasedTask): InputError {
  return new InputError("unknown_tool", `This worker was started without the tool "${tool}"`);
}
