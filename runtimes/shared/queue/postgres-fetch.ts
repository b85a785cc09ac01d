/** The statements that read what a transaction wants, each with what is learned from its rows. @module */

import { emptyMeta, type GroupState, type QueueMeta } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { Front } from "./postgres-front.ts";
import type { KnownRows } from "./postgres-known.ts";
import { arrayOf, plain, type Row, type Run, together, type Value } from "./postgres-sql.ts";
import type { Wants } from "./postgres-wants.ts";
import { heldLine, taskOf } from "./task-row.ts";

/** One statement. */
export interface Ask {
  readonly text: string;
  readonly values: readonly Value[];
  learn(rows: readonly Row[]): void;
}

/** A task comes with its group: whatever happens to it happens to its group. */
const TASKS = `SELECT t.spec, t.run, g.state AS group_state FROM tasks t
  LEFT JOIN groups g ON g.queue = t.queue AND g.key = t.group_key WHERE t.queue = $1 AND`;

const LINES = `SELECT w.name, t.spec, t.run, g.state AS group_state
  FROM unnest($2::text[], $3::int4[]) AS w (name, count)
  CROSS JOIN LATERAL (SELECT spec, run, group_key FROM tasks WHERE queue = $1 AND line = w.name
    ORDER BY urgency, tag, seq LIMIT w.count) t
  LEFT JOIN groups g ON g.queue = $1 AND g.key = t.group_key`;

const TEXTS = {
  create: "INSERT INTO queues (name, version, meta) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
  lock: "SELECT version, meta FROM queues WHERE name = $1 FOR UPDATE",
  ids: `${TASKS} t.id = ANY ($2::text[])`,
  keys: `${TASKS} t.idempotency_key = ANY ($2::text[])`,
  groups: "SELECT state FROM groups WHERE queue = $1 AND key = ANY ($2::text[])",
  lines: LINES,
  due: `${TASKS} t.run_at <= $2 ORDER BY t.run_at, t.seq LIMIT $3`,
  dueGroups: "SELECT state FROM groups WHERE queue = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
};

/** Be the only one who changes the queue, and learn how it is. */
export function lock(known: KnownRows, queue: string, isNew: boolean): readonly Ask[] {
  const name = plain(queue);
  const meta = JSON.stringify(emptyMeta(queue));
  const create: Ask = { text: TEXTS.create, values: [name, meta], learn: () => undefined };
  const locking: Ask = {
    ...{ text: TEXTS.lock, values: [name] },
    learn: ([row]) =>
      known.see(Number(row?.version), JSON.parse(String(row?.meta ?? meta)) as QueueMeta),
  };
  return isNew ? [create, locking] : [locking];
}

/** Read what is wanted; of lanes at least `ahead` tasks. */
export function reads(
  known: KnownRows,
  queue: string,
  wants: Wants,
  ahead: number,
): readonly Ask[] {
  const { ids, keys, groups, lanes, held, due } = wants;
  const asks: Ask[] = [];
  const ask = (text: string, values: readonly Value[], learn: Ask["learn"]): void =>
    void asks.push({ text, values: [plain(queue), ...values], learn });
  if (ids.size > 0) {
    ask(TEXTS.ids, [arrayOf(ids)], (rows) => {
      for (const id of ids) known.tasks.set(id, undefined);
      tasksOf(known, rows);
    });
  }
  if (keys.size > 0) {
    ask(TEXTS.keys, [arrayOf(keys)], (rows) => {
      for (const key of keys) known.keys.set(key, undefined);
      for (const { spec } of tasksOf(known, rows)) {
        if (spec.idempotencyKey !== undefined) known.keys.set(spec.idempotencyKey, spec.id);
      }
    });
  }
  if (groups.size > 0) {
    ask(TEXTS.groups, [arrayOf(groups)], (rows) => {
      for (const key of groups) known.groups.set(key, undefined);
      groupsOf(known, rows);
    });
  }
  // An order is read as it is taken from: twice as far each time, so that one read is enough.
  const lines = [
    ...[...lanes].map(([name, limit]) => ({ name, count: Math.max(2 * limit, ahead) })),
    ...[...held].map(([group, limit]) => ({ name: heldLine(group), count: limit })),
  ];
  if (lines.length > 0) {
    const counts = lines.map(({ count }) => count);
    ask(TEXTS.lines, [arrayOf(lines.map(({ name }) => name)), arrayOf(counts)], (rows) => {
      for (const { name, count } of lines) {
        const mine = rows.filter((row) => row.name === plain(name));
        known.lines.set(name, new Front(tasksOf(known, mine), mine.length < count));
      }
    });
  }
  if (due) {
    const { until, limit } = due;
    ask(TEXTS.due, [until, limit], (rows) => {
      known.soon = { until, tasks: new Front(tasksOf(known, rows), rows.length < limit) };
    });
    ask(TEXTS.dueGroups, [until, limit], (rows) => {
      known.soon = { ...known.soon, groups: groupsOf(known, rows) };
    });
  }
  return asks;
}

/** Send them together, and learn from the answers in the same order. */
export async function learn(run: Run, asks: readonly Ask[]): Promise<void> {
  const answers = await together(asks.map(({ text, values }) => run(text, values)));
  for (const [at, { learn }] of asks.entries()) learn(answers[at] ?? []);
}

/** Tasks of rows; they are known from now on, and their groups. */
function tasksOf(known: KnownRows, rows: readonly Row[]): readonly Task[] {
  return rows.map(({ spec, run, group_state: group }) => {
    const task = taskOf(String(spec), String(run));
    const { id, groupKey } = task.spec;
    known.tasks.set(id, task);
    if (groupKey === undefined) return task;
    if (group === null) known.groups.set(groupKey, undefined);
    else groupsOf(known, [{ state: group }]);
    return task;
  });
}

function groupsOf(known: KnownRows, rows: readonly Row[]): readonly GroupState[] {
  return rows.map(({ state }) => {
    const group = JSON.parse(String(state)) as GroupState;
    known.groups.set(group.key, group);
    return group;
  });
}
