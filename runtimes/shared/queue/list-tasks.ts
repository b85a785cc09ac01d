/** The condition of a list of tasks, in SQL that SQLite and PostgreSQL share. @module */

import type { TaskQuery } from "../../../src/queue/queue-store.ts";

type Value = string | number;

/** What follows WHERE, and its values; `place` names the n-th placeholder, from 1. */
export function listTasks(
  { queue, states, kind, label, groupKey, caller, since, before }: TaskQuery,
  place: (n: number) => string,
  labelSql: (name: string, value: string | undefined) => string = jsonLabel,
): { readonly where: string; readonly values: readonly Value[] } {
  const values: Value[] = [];
  const bind = (value: Value): string => place(values.push(value));
  const parts = [`queue = ${bind(queue)}`];
  if (states) parts.push(`state IN (${states.map(bind).join(", ")})`);
  if (kind !== undefined) parts.push(`kind = ${bind(kind)}`);
  if (groupKey !== undefined) parts.push(`group_key = ${bind(groupKey)}`);
  if (caller !== undefined) parts.push(`caller = ${bind(caller)}`);
  if (since !== undefined) parts.push(`submitted_at >= ${bind(since)}`);
  if (before !== undefined) parts.push(`seq < ${bind(before)}`);
  if (label !== undefined) {
    const at = label.indexOf("=");
    const name = bind(at < 0 ? label : label.slice(0, at));
    parts.push(labelSql(name, at < 0 ? undefined : bind(label.slice(at + 1))));
  }
  return { where: parts.join(" AND "), values };
}

/** In SQLite a label is looked for in the JSON of the row. */
function jsonLabel(name: string, value: string | undefined): string {
  const found = `SELECT 1 FROM json_each(run, '$.labels') WHERE key = ${name}`;
  return value === undefined ? `EXISTS (${found})` : `EXISTS (${found} AND value = ${value})`;
}
