/** What a run of a workflow of chance came to, held to what was to come of it. @module */

import { isDeepStrictEqual } from "node:util";
import type { Task } from "../../src/queue/task.ts";
import { type RunState, runStateOf } from "../../src/workflow/run-state.ts";
import { outcomeValue } from "../../src/workflow/values.ts";
import { expected, type Fate, type Graph, type Prophecy } from "./random-workflows.ts";

/** A run that is over. */
export interface RunRemains {
  /** Its tasks by their place in it; the place of the run itself is the empty text. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Calls that were made for a task, beyond those that others had to make again. */
  readonly calls: (task: Task) => number;
  /** Number of the event with which a task was there. */
  readonly begun: (task: Task) => number;
  /** Number of the event with which it was over. */
  readonly over: (task: Task) => number;
}

/** Where it came to something else. */
export function faultsOfRun(remains: RunRemains, graph: Graph, told: Prophecy): readonly string[] {
  const { tasks } = remains;
  const runs = [...tasks].filter(([, { spec }]) => spec.kind === "workflow");
  return [
    ...fateFaults(remains, told),
    ...endFaults(tasks.get(""), told),
    ...orderFaults(remains, graph, told),
    ...runs.flatMap(([place]) => undoingFaults(remains, place && `${place}.`)),
    ...countFaults(tasks, graph),
  ];
}

function difference(what: string, is: unknown, was: unknown): readonly string[] {
  if (isDeepStrictEqual(is, was)) return [];
  return [`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(was)}`];
}

function fateFaults({ tasks, calls }: RunRemains, { fates }: Prophecy): readonly string[] {
  const places = new Set([...tasks.keys(), ...fates.keys()]);
  places.delete("");
  return [...places].flatMap((place) => {
    const task = tasks.get(place);
    return difference(place, task && fateOf(task, calls(task)), fates.get(place));
  });
}

function fateOf(task: Task, calls: number): Fate {
  const { state, error } = task;
  const isSkipped = state === "cancelled" && error?.code === "skipped";
  const result = outcomeValue(task);
  return {
    // Any other state is told as it is, and is not what was expected.
    state: isSkipped ? "skipped" : state === "dead" ? "failed" : (state as Fate["state"]),
    ...(state === "done" && { result }),
    // A task that is done keeps the error of the attempt before.
    ...(error && state !== "done" && { code: error.code }),
    calls,
  };
}

function endFaults(run: Task | undefined, told: Prophecy): readonly string[] {
  const end = difference("the run", [run?.state, run?.result], [told.state, told.result]);
  if (told.state !== "failed") return end;
  const { node, notUndone = [] } = run?.error?.data ?? {};
  const isKnown = told.faults.includes(String(node));
  return [
    ...end,
    ...(isKnown ? [] : [`${node} is told as what failed`]),
    ...difference("not undone", [...(notUndone as string[])].sort(), [...told.notUndone].sort()),
  ];
}

/** Nothing begins before its time: `at` is where the graph is in the run. */
function orderFaults(
  remains: RunRemains,
  graph: Graph,
  told: Prophecy,
  at = "",
): readonly string[] {
  const { tasks, begun, over } = remains;
  return [...graph.entries()].flatMap(([number, { shape, join }]) => {
    const place = `${at}n${number}`;
    const node = tasks.get(place);
    const before = (told.before[number] ?? []).flatMap((one) => tasks.get(`${at}n${one}`) ?? []);
    const isSkipped = told.fates.get(`n${number}`)?.state === "skipped";
    if (!node || isSkipped || before.length === 0) return [];
    const isEarly = join === "one_success";
    const needed = isEarly ? before.filter((one) => one.state === "done") : before;
    const ends = needed.map(over);
    const last = isEarly ? Math.min(...ends) : Math.max(...ends);
    const early = begun(node) > last ? [] : [`${place} began before its time`];
    if (shape.kind !== "sub") return early;
    return [...early, ...orderFaults(remains, shape.graph, expected(shape.graph, 7), `${place}.`)];
  });
}

/** What was done is undone one by one, the last thing first, after everything else. */
function undoingFaults({ tasks, begun, over }: RunRemains, at: string): readonly string[] {
  const undone = [...tasks].flatMap(([place, undo]) => {
    const name = place.endsWith("~undo") ? place.slice(0, -"~undo".length) : undefined;
    const isHere = name?.startsWith(at) && !name.slice(at.length).includes(".");
    const node = name !== undefined && isHere ? tasks.get(name) : undefined;
    return node ? [{ place, node, undo }] : [];
  });
  const inTurn = undone.toSorted((a, b) => begun(a.undo) - begun(b.undo));
  const rest = [...tasks].filter(
    ([place]) => place.startsWith(at) && place !== "" && !/~undo$/.test(place),
  );
  const quiet = Math.max(...rest.map(([, task]) => over(task)));
  return inTurn.flatMap(({ place, node, undo }, turn) => {
    const next = inTurn[turn + 1];
    const rules: readonly (readonly [boolean, string])[] = [
      [begun(undo) > quiet, `${place} undoes while something runs`],
      [!next || over(node) > over(next.node), `${place} is undone before what ended later`],
      [!next || over(undo) < begun(next.undo), `${place} is undone at the same time as another`],
    ];
    return rules.filter(([holds]) => !holds).map(([, what]) => what);
  });
}

/** What a run, and each one within it, says of itself adds up to its nodes. */
function countFaults(tasks: ReadonlyMap<string, Task>, graph: Graph, at = ""): readonly string[] {
  const run = tasks.get(at);
  if (!run) return [`the run ${at} is not there`];
  const { counts, undecided, open } = runStateOf(run);
  const prefix = at === "" ? "" : `${at}.`;
  const states = graph.map((_, number) => {
    const task = tasks.get(`${prefix}n${number}`);
    return task && fateOf(task, 0).state;
  });
  const count = (state: Fate["state"]): number => states.filter((one) => one === state).length;
  const all = { done: count("done"), failed: count("failed"), skipped: count("skipped") };
  const counted: RunState["counts"] = { ...all, cancelled: 0 };
  return [
    ...difference(`the counts of ${at}`, { ...counts }, counted),
    ...difference(`what is left of ${at}`, [undecided, open], [0, 0]),
    ...graph.flatMap(({ shape }, number) => {
      const place = `${prefix}n${number}`;
      const hasRun = tasks.get(place)?.spec.kind === "workflow";
      return shape.kind === "sub" && hasRun ? countFaults(tasks, shape.graph, place) : [];
    }),
  ];
}
