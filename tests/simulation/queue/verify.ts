/** What must hold when a run is over, whatever went wrong in it. @module */

import type {
  GroupState,
  LogEntry,
  QueueMeta,
  QueueStore,
} from "../../../src/queue/queue-store.ts";
import { isFinal, type Task } from "../../../src/queue/task.ts";
import type { Belief, History } from "./history.ts";
import { isLinearizable } from "./linearizable.ts";
import type { ReadEvent } from "./log-chain.ts";
import { type Request, textOf } from "./messages.ts";
import { operationsOf } from "./operations.ts";
import { EVERYTHING, QUEUE } from "./owner.ts";
import { miscounts } from "./recount.ts";
import { differences, isDecidedByOwner, type Replay, type Replayed, replay } from "./replay.ts";

/** What a run left behind. */
export interface Remains {
  readonly rows: readonly Task[];
  readonly meta: QueueMeta;
  readonly groups: ReadonlyMap<string, GroupState | undefined>;
  readonly log: readonly LogEntry[];
}

/** Read everything that a store holds. */
export async function remainsOf(store: QueueStore): Promise<Remains> {
  const rows = await store.list({ queue: QUEUE, limit: EVERYTHING });
  const keys = new Set(rows.flatMap(({ spec }) => spec.groupKey ?? []));
  const hints = { ids: [], keys: [], groups: [...keys], lanes: [] };
  const [meta, groups] = await store.transact(QUEUE, hints, (reader) => ({
    answer: [
      reader.meta(),
      new Map([...keys].map((key) => [key, reader.group(key)] as const)),
    ] as const,
  }));
  const log = await store.log(QUEUE, { from: 1, to: Number.MAX_SAFE_INTEGER });
  return { rows, meta, groups, log };
}

/** What is wrong with what a run left behind, held against what its processes were told. */
export function faultsOf(
  remains: Remains,
  events: readonly ReadEvent[],
  history: History,
  isClockSteady: boolean,
): readonly string[] {
  const { rows, meta, groups } = remains;
  const told = replay(events, isClockSteady);
  return [
    ...told.faults,
    ...miscounts(rows, meta, groups),
    ...rowFaults(rows, told),
    ...keyFaults(rows),
    ...promiseFaults(rows, told, history),
    ...history.beliefs.flatMap((belief) => beliefFaults(belief, told)),
    ...orderFaults(rows, history),
  ];
}

/** Rows and log tell the same; what is neither over nor forgotten is stuck. */
function rowFaults(rows: readonly Task[], { tasks }: Replay): readonly string[] {
  const known = new Map(rows.map((row) => [row.spec.id, row]));
  const faults: string[] = [];
  for (const told of tasks.values()) {
    const row = known.get(told.id);
    if (row) faults.push(...differences(row, told));
    else if (told.state === "waiting" || told.state === "leased") {
      faults.push(`${told.id} is gone; the log says ${told.state}`);
    }
  }
  for (const row of rows) {
    const { id, recurrence } = row.spec;
    if (!tasks.has(id)) faults.push(`${id} is not in the log`);
    // A series goes on for ever; all of it was over at one moment, or the run had no end.
    if (!isFinal(row) && recurrence === undefined) faults.push(`${id} is stuck: ${row.state}`);
  }
  return faults;
}

/** One key, one task. */
function keyFaults(rows: readonly Task[]): readonly string[] {
  const keys = rows.flatMap(({ spec }) => spec.idempotencyKey ?? []);
  return keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `two tasks of ${key}`);
}

/** What was acknowledged is kept. */
function promiseFaults(
  rows: readonly Task[],
  told: Replay,
  { invocations }: History,
): readonly string[] {
  const keyed = new Map<string, string>();
  return invocations.flatMap(({ request, answer }) => {
    if (!answer || !("task" in answer) || !answer.task) return [];
    const { id, idempotencyKey: key } = answer.task.spec;
    const row = rows.find(({ spec }) => spec.id === id);
    const faults = brokenPromises(request, told.tasks.get(id), row);
    const isNew = request.op === "submit" || request.op === "submit-run";
    if (isNew && key !== undefined) {
      if ((keyed.get(key) ?? id) !== id) faults.push(`the key ${key} was told to be another, too`);
      keyed.set(key, id);
    }
    return faults.map((what) => `${id} was acknowledged (${request.op}): ${what}`);
  });
}

function brokenPromises(
  request: Request,
  told: Replayed | undefined,
  row: Task | undefined,
): string[] {
  if (!told) return ["it is lost"];
  switch (request.op) {
    case "prioritize":
      return told.priority === undefined ? ["its new priority is lost"] : [];
    case "update":
      return told.note === request.note ? [] : ["its note is lost"];
    case "submit": {
      const { priority } = request.wanted;
      const isKept = !row || told.priority !== undefined || row.priority === priority;
      return isKept ? [] : [`it has the priority ${row.priority}, not ${priority}`];
    }
    default:
      return [];
  }
}

const ENDS: Readonly<Record<string, readonly string[]>> = {
  complete: ["completed"],
  // One that was to be cancelled is cancelled; one that is over for other reasons stays so.
  fail: ["failed", "cancelled", "lost"],
  "give-back": ["returned", "cancelled"],
};

/** A worker that was told so was right to believe it. */
function beliefFaults({ worker, id, token, said }: Belief, { tasks }: Replay): readonly string[] {
  const attempt = `attempt ${textOf(token)} of ${id}`;
  if (!said) return [`${worker} believes that ${attempt} is over, and said nothing of it`];
  const told = tasks.get(id);
  const how = told?.ends.get(textOf(token)) ?? "not at all";
  if (!ENDS[said.op]?.includes(how)) {
    return [`${worker} believes in its ${said.op} of ${attempt}, which ended: ${how}`];
  }
  const isOther = said.op === "complete" && told?.resultCid !== said.result.cid;
  return isOther ? [`${worker} believes in another result of ${attempt}`] : [];
}

function orderFaults(rows: readonly Task[], history: History): readonly string[] {
  const worked = rows.filter(({ spec }) => !isDecidedByOwner(spec));
  return [...operationsOf(history, worked)]
    .filter(([, operations]) => !isLinearizable(operations))
    .map(([id]) => `what was answered about ${id} fits no order`);
}
