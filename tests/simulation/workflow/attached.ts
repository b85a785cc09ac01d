/** The workflows of one start of the owner. @module */

import type { Queue } from "../../../src/queue/queue.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import { NEVER } from "../../../src/queue/task.ts";
import { pause, resume, submitRun } from "../../../src/workflow/commands.ts";
import { createFlows } from "../../../src/workflow/flows.ts";
import { RUN_KIND } from "../../../src/workflow/run-state.ts";
import type { RunRequest } from "../queue/messages.ts";
import { type Attached, EVERYTHING, QUEUE } from "../queue/owner.ts";
import { type MutableFlows, mutated, type WorkflowMutation } from "./mutations.ts";

/** What each call of a run has; attempts that are lost are not to end it. */
const DEFAULTS = {
  ...{ timeoutMs: 60_000, maxAttempts: 3, maxStalls: 1_000, resultTtlMs: 3_600_000 },
  backoff: { initialMs: 50, factor: 2, maxMs: 400, jitter: 0.5 },
} as const;

/** Attach workflows to whatever is opened on a store. */
export const attachRuns =
  (mutation: WorkflowMutation) =>
  (store: QueueStore): Attached => {
    const flows = mutated(createFlows(store), mutation);
    return {
      flows,
      opened: (queue) => flows.opened?.(queue),
      ask: (queue, request, now) => ask({ queue, flows, now }, request),
    };
  };

async function ask(
  {
    queue,
    flows,
    now,
  }: { readonly queue: Queue; readonly flows: MutableFlows; readonly now: number },
  request: RunRequest,
): ReturnType<Attached["ask"]> {
  const { id } = request;
  if (request.op === "pause-run") return { task: await queue.run((set) => pause(set, id)) };
  if (request.op === "resume-run") return { task: await queue.run((set) => resume(set, id)) };
  const { key: idempotencyKey, workflow, input } = request;
  const definition = flows.plans.add(workflow);
  const spec = {
    ...{ id, queue: QUEUE, kind: RUN_KIND, input: { input, definition: definition.cid } },
    ...{ ...DEFAULTS, idempotencyKey, requires: [], submittedAt: now, generation: 0 },
    caller: { id: "client", grant: null },
  };
  const task = { spec, priority: 5, runAt: NEVER, labels: {} };
  return queue.run((set) => submitRun(set, { task, definition, maxBacklog: EVERYTHING }));
}
