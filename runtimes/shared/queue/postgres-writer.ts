/**
 * The one statement that writes a commit.
 *
 * Its parts depend on the first one, which finds the queue's row only in the version that the work
 * has read: whatever happened in between, all of it is written or nothing.
 *
 * @module
 */

import { encode } from "@ipld/dag-cbor";
import { isForgettable } from "../../../src/queue/groups.ts";
import type { Changes, LogEntry, QueueMeta } from "../../../src/queue/queue-store.ts";
import {
  BLOB_COLUMNS,
  blobCells,
  type Cell,
  type Column,
  GROUP_COLUMNS,
  groupCells,
  RUN_COLUMNS,
  runCells,
  TASK_COLUMNS,
  taskCells,
} from "./postgres-columns.ts";
import type { Assumed } from "./postgres-reader.ts";
import { arrayOf, plain, type Value } from "./postgres-sql.ts";

/** A statement and its values; it answers with one row where it wrote, and with none else. */
export interface WriteStatement {
  readonly text: string;
  readonly values: readonly Value[];
}

/** Write these changes, if the queue is still of this version and has none of the absent tasks. */
export function writeStatement(
  changes: Changes,
  version: number,
  absent: Partial<Assumed> = {},
): WriteStatement {
  const { meta, tasks, inserted, removed, groups, log, blobs } = changes;
  const draft = new Draft(meta, version, absent);
  if (removed.length > 0) draft.remove(removed);
  const isNew = ({ spec }: (typeof tasks)[number]): boolean => inserted.has(spec.id);
  draft.addTasks(tasks.filter(isNew).map(taskCells));
  const changed = tasks.filter((task) => !isNew(task));
  draft.changeTasks(changed.map((task) => [task.spec.id, ...runCells(task)]));
  draft.forgetGroups(groups.filter(isForgettable).map(({ key }) => key));
  draft.keepGroups(groups.filter((group) => !isForgettable(group)).map(groupCells));
  if (log) draft.log(log);
  draft.keepBlobs(blobs.map(blobCells));
  return draft.statement();
}

type Cells = readonly (readonly Cell[])[];

/** Parts that have nothing to do are left out. */
class Draft {
  readonly #parts: string[] = [];
  readonly #values: Value[] = [];
  readonly #queue: string;
  /** Not `=`, which an index answers: by stale statistics a whole queue would be read for one id. */
  readonly #isOurs: string;
  #after = "";

  constructor(meta: QueueMeta, version: number, { ids, keys }: Partial<Assumed>) {
    this.#queue = this.#bind(plain(meta.queue));
    this.#isOurs = `tasks.queue IS NOT DISTINCT FROM ${this.#queue}`;
    const conditions = [`name = ${this.#queue}`, `version = ${this.#bind(version)}`];
    const isAbsent = (column: string, names: Iterable<string>): void =>
      void conditions.push(`NOT EXISTS (SELECT 1 FROM tasks
        WHERE queue = ${this.#queue} AND ${column} = ANY (${this.#bind(arrayOf(names))}::text[]))`);
    if (ids?.size) isAbsent("id", ids);
    if (keys?.size) isAbsent("idempotency_key", keys);
    this.#parts.push(`head AS (UPDATE queues SET version = version + 1,
      meta = ${this.#bind(JSON.stringify(meta))}
      WHERE ${conditions.join(" AND ")} RETURNING name)`);
  }

  remove(ids: readonly string[]): void {
    const list = `${this.#bind(arrayOf(ids))}::text[]`;
    this.#parts.push(
      `gone AS (DELETE FROM tasks USING head
        WHERE id = ANY (${list}) AND ${this.#isOurs} RETURNING 1)`,
      `gone_blobs AS (DELETE FROM blobs USING head WHERE task = ANY (${list}))`,
    );
    // A key may be free only because its task is forgotten in the same commit.
    this.#after = "WHERE (SELECT count(*) FROM gone) >= 0";
  }

  addTasks(cells: Cells): void {
    if (cells.length === 0) return;
    this.#parts.push(`added AS (INSERT INTO tasks (queue, ${namesOf(TASK_COLUMNS)})
      SELECT head.name, u.* FROM head, ${this.#rows(TASK_COLUMNS, cells)} ${this.#after})`);
  }

  changeTasks(cells: Cells): void {
    if (cells.length === 0) return;
    const settings = RUN_COLUMNS.map(([name]) => `${name} = u.${name}`).join(", ");
    this.#parts.push(`changed AS (UPDATE tasks SET ${settings}
      FROM head, ${this.#rows([["id", "text"], ...RUN_COLUMNS], cells)}
      WHERE tasks.id = u.id AND ${this.#isOurs})`);
  }

  forgetGroups(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#parts.push(`gone_groups AS (DELETE FROM groups USING head
      WHERE queue = ${this.#queue} AND key = ANY (${this.#bind(arrayOf(keys))}::text[]))`);
  }

  keepGroups(cells: Cells): void {
    if (cells.length === 0) return;
    this.#parts.push(`kept_groups AS (INSERT INTO groups (queue, ${namesOf(GROUP_COLUMNS)})
      SELECT head.name, u.* FROM head, ${this.#rows(GROUP_COLUMNS, cells)}
      ON CONFLICT (queue, key) DO UPDATE SET due_at = excluded.due_at, state = excluded.state)`);
  }

  keepBlobs(cells: Cells): void {
    if (cells.length === 0) return;
    this.#parts.push(`kept_blobs AS (INSERT INTO blobs (${namesOf(BLOB_COLUMNS)})
      SELECT u.* FROM head, ${this.#rows(BLOB_COLUMNS, cells)}
      ON CONFLICT (task) DO UPDATE SET cid = excluded.cid, bytes = excluded.bytes)`);
  }

  log({ last, first, cid, header, events }: LogEntry): void {
    const types = ["int8", "int8", "text", "bytea", "bytea"];
    const values = [last, first, cid, header, encode(events)];
    const bound = values.map((value, at) => `${this.#bind(value)}::${types[at]}`).join(", ");
    this.#parts.push(`logged AS (INSERT INTO log (queue, last, first, cid, header, events)
      SELECT head.name, ${bound} FROM head)`);
  }

  statement(): WriteStatement {
    const text = `WITH ${this.#parts.join(",\n")} SELECT name FROM head`;
    return { text, values: this.#values };
  }

  #rows(columns: readonly Column[], cells: Cells): string {
    const arrays = columns.map(([, type], at) => {
      const column = cells.map((row) => row[at] ?? null);
      return `${this.#bind(arrayOf(column))}::${type}[]`;
    });
    return `unnest(${arrays.join(", ")}) AS u (${namesOf(columns)})`;
  }

  #bind(value: Value): string {
    return `$${this.#values.push(value)}`;
  }
}

const namesOf = (columns: readonly Column[]): string => columns.map(([name]) => name).join(", ");
