/** Whether each run came to what its graph comes to, told by rows and log. @module */

import type { Task } from "../../../src/queue/task.ts";
import { expected } from "../../support/random-workflows.ts";
import { faultsOfRun } from "../../support/workflow-judge.ts";
import type { ReadEvent } from "../queue/log-chain.ts";
import type { Remains } from "../queue/verify.ts";
import type { RunErrand } from "./plan.ts";

/** Events that can be the end of a task; the last of them is. */
const ENDS: ReadonlySet<string> = new Set(["completed", "failed", "lost", "cancelled"]);

/** Numbers of the events with which tasks were there, and were over. */
interface Course {
  readonly begun: Map<string, number>;
  readonly over: Map<string, number>;
}

/** What is wrong with the runs that were wanted. */
export function runFaults(
  { rows }: Remains,
  events: readonly ReadEvent[],
  errands: readonly RunErrand[],
): readonly string[] {
  const course = courseOf(events.map(({ event }) => event));
  const runs = errands.map((errand) => {
    const run = rows.find(({ spec }) => spec.idempotencyKey === errand.key);
    return { errand, id: run?.spec.id };
  });
  const known = new Set(runs.map(({ id }) => id));
  const strangers = rows.filter(({ spec }) => !known.has(spec.id.split(".", 1)[0]));
  return [
    ...strangers.map(({ spec }) => `${spec.id} is of no run that was wanted`),
    ...runs.flatMap(({ errand, id }) =>
      id === undefined ? [`${errand.key} is not there`] : faultsOf(id, errand, rows, course),
    ),
  ];
}

function faultsOf(
  id: string,
  { graph, n, key }: RunErrand,
  rows: readonly Task[],
  { begun, over }: Course,
): readonly string[] {
  const own = rows.filter(({ spec }) => spec.id === id || spec.id.startsWith(`${id}.`));
  const remains = {
    tasks: new Map(own.map((task) => [task.spec.id.slice(id.length + 1), task])),
    // Those that were lost or given back are not counted.
    calls: ({ attempts }: Task) => attempts,
    begun: ({ spec }: Task) => begun.get(spec.id) ?? Infinity,
    over: ({ spec }: Task) => over.get(spec.id) ?? Infinity,
  };
  return faultsOfRun(remains, graph, expected(graph, n)).map((what) => `${key}: ${what}`);
}

function courseOf(
  events: readonly { readonly number: number; readonly task: string; readonly type: string }[],
): Course {
  const course: Course = { begun: new Map(), over: new Map() };
  for (const { number, task, type } of events) {
    if (type === "submitted") course.begun.set(task, number);
    else if (ENDS.has(type)) course.over.set(task, number);
  }
  return course;
}
