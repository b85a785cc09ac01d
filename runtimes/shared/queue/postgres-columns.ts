/** Rows of tasks and groups as columns of arrays, as a statement for many rows takes them. @module */

import { dueAt } from "../../../src/queue/groups.ts";
import type { Blob, GroupState } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import { plain } from "./postgres-sql.ts";
import { columnsOf, runJson } from "./task-row.ts";

/** A column's name and the type of its values. */
export type Column = readonly [name: string, type: string];
/** A value of a row. */
export type Cell = string | number | null;

/** What changes with the task. */
export const RUN_COLUMNS: readonly Column[] = [
  ["state", "text"],
  ["urgency", "int4"],
  ["tag", "float8"],
  ["line", "text"],
  ["keeper", "text"],
  ["run_at", "int8"],
  ["expires_at", "int8"],
  ["labels", "jsonb"],
  ["run", "text"],
];

/** All but the queue. */
export const TASK_COLUMNS: readonly Column[] = [
  ["id", "text"],
  ["seq", "int8"],
  ["kind", "text"],
  ["caller", "text"],
  ["group_key", "text"],
  ["idempotency_key", "text"],
  ["submitted_at", "int8"],
  ["spec", "text"],
  ...RUN_COLUMNS,
];

/** All but the queue. */
export const GROUP_COLUMNS: readonly Column[] = [
  ["key", "text"],
  ["due_at", "float8"],
  ["state", "text"],
];

/** Of results that are kept beside their tasks. */
export const BLOB_COLUMNS: readonly Column[] = [
  ["task", "text"],
  ["cid", "text"],
  ["bytes", "bytea"],
];

/** Cells of {@link TASK_COLUMNS}. */
export function taskCells(task: Task): readonly Cell[] {
  const { id, kind, caller, groupKey, idempotencyKey, submittedAt } = task.spec;
  return [
    ...[id, task.seq, kind, caller.id, groupKey ?? null, idempotencyKey ?? null, submittedAt],
    ...[JSON.stringify(task.spec), ...runCells(task)],
  ];
}

/** Cells of {@link RUN_COLUMNS}. */
export function runCells(task: Task): readonly Cell[] {
  const { state, urgency, tag, line, runAt, expiresAt } = columnsOf(task);
  const keeper = task.lease?.keeper ?? null;
  return [state, urgency, tag, line, keeper, runAt, expiresAt, labelsOf(task), runJson(task)];
}

function labelsOf({ labels }: Task): string {
  const entries = Object.entries(labels).map(([name, value]) => [plain(name), plain(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Cells of {@link GROUP_COLUMNS}. */
export function groupCells(group: GroupState): readonly Cell[] {
  return [group.key, dueAt(group) ?? null, JSON.stringify(group)];
}

/** Cells of {@link BLOB_COLUMNS}. */
export function blobCells({ task, cid, bytes }: Blob): readonly Cell[] {
  return [task, cid, `\\x${Buffer.from(bytes).toString("hex")}`];
}
