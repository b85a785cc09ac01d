/** What happened in a run, as its queue's log has it. @module */

import type { QueueStore } from "../../queue/queue-store.ts";
import type { Task } from "../../queue/task.ts";
import { historyOf } from "../../queue/views.ts";
import type { TaskHistoryEntry } from "../../registry/task-views.ts";
import type { WorkflowCitation, WorkflowEvent } from "../../registry/workflows.ts";

/** Events that are told at the most. */
const MAX_EVENTS = 1_000;

/** What is worth telling of an event; inputs and results are asked for elsewhere, and may be large. */
const FACTS = [
  ...["kind", "tool", "peers", "peer", "worker", "attempts", "reused", "resultCid"],
  ...["reason", "code", "error", "isRetryable", "what"],
  ...["questions", "answers", "labels", "note", "priority"],
] as const;

/** The newest events of the tasks of a run in the order of the log, and how many are older. */
export async function eventsOf(
  store: Pick<QueueStore, "log">,
  { queue, run }: { readonly queue: string; readonly run: string },
  tasks: readonly Task[],
): Promise<{ readonly events: readonly WorkflowEvent[]; readonly older: number }> {
  const ids = new Map(tasks.flatMap(({ spec, events }) => events.map((event) => [event, spec.id])));
  const numbers = [...ids.keys()].sort((a, b) => a - b);
  const shown = numbers.slice(-MAX_EVENTS);
  const entries = await entriesOf(store, queue, shown);
  const events = entries.map((entry) => eventOf(entry, ids.get(entry.number) ?? "", run));
  return { events, older: numbers.length - shown.length };
}

/** Commits whose first is wanted are read together: what others did before the next may be much. */
async function entriesOf(
  store: Pick<QueueStore, "log">,
  queue: string,
  numbers: readonly number[],
): Promise<readonly TaskHistoryEntry[]> {
  const entries: TaskHistoryEntry[] = [];
  let read = 0;
  for (const number of numbers) {
    if (number <= read) continue;
    const commits = await store.log(queue, { from: number, to: number + MAX_EVENTS - 1 });
    entries.push(...historyOf({ events: numbers }, commits));
    read = commits.at(-1)?.last ?? number;
  }
  return entries;
}

function eventOf(
  { facts, ...entry }: TaskHistoryEntry,
  taskId: string,
  run: string,
): WorkflowEvent {
  // Logged by this project alone.
  const { elsewhere, ...own } = facts as {
    readonly elsewhere?: { readonly cites?: readonly WorkflowCitation[] };
    readonly cites?: readonly WorkflowCitation[];
  };
  const told: Readonly<Record<string, unknown>> = { ...own, ...elsewhere };
  const cites = elsewhere?.cites ?? own.cites ?? [];
  const worth = FACTS.flatMap((fact) => (told[fact] === undefined ? [] : [[fact, told[fact]]]));
  return {
    ...entry,
    ...(taskId !== run && { node: taskId.slice(run.length + 1) }),
    taskId,
    ...(cites.length > 0 && { cites }),
    facts: Object.fromEntries(worth),
  };
}
