/**
 * Commits that are not in the tables yet, a row each.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { encodeBriefly } from "../../../src/ipld/encode.ts";
import type { Changes, GroupState, QueueMeta } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import type { RecentChanges } from "./sqlite-recent.ts";

/** A commit as it was found. */
export interface Replayed extends RecentChanges {
  readonly runs: readonly string[];
}

/** Appends commits, and reads them back. */
export class SqliteJournal {
  readonly #append: StatementSync;
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#append = database.prepare(
      `INSERT INTO journal (queue, meta, tasks, removed, groups, first, last, cid, header, events)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#all = database.prepare(
      "SELECT meta, tasks, removed, groups FROM journal ORDER BY number",
    );
  }

  /** A commit of its own, unless a transaction is open. */
  append({ meta, tasks, inserted, removed, groups, log }: Changes, runs: readonly string[]): void {
    const entries = tasks.map(({ spec }, at) => {
      const isNew = inserted.has(spec.id);
      const about = isNew ? `"spec":${JSON.stringify(spec)}` : `"id":${JSON.stringify(spec.id)}`;
      return `{${about},"run":${runs[at]}}`;
    });
    this.#append.run(
      meta.queue,
      JSON.stringify(meta),
      `[${entries.join(",")}]`,
      removed.length > 0 ? JSON.stringify(removed) : null,
      groups.length > 0 ? JSON.stringify(groups) : null,
      ...(log
        ? [log.first, log.last, log.cid, log.header, encodeBriefly(log.events)]
        : [null, null, null, null, null]),
    );
  }

  /** What was appended, in order; `known` is the task as it was before. */
  *replay(known: (queue: string, id: string) => Task | undefined): Generator<Replayed, void> {
    for (const row of this.#all.all()) {
      const meta = JSON.parse(String(row.meta)) as QueueMeta;
      const entries = JSON.parse(String(row.tasks)) as readonly Entry[];
      const tasks = entries.flatMap(({ id, spec, run }) => {
        const whole = spec ?? known(meta.queue, id ?? "")?.spec;
        return whole ? [{ ...run, spec: whole }] : [];
      });
      yield {
        meta,
        tasks,
        inserted: new Set(entries.flatMap(({ spec }) => spec?.id ?? [])),
        removed: row.removed === null ? [] : (JSON.parse(String(row.removed)) as string[]),
        groups: row.groups === null ? [] : (JSON.parse(String(row.groups)) as GroupState[]),
        runs: entries.map(({ run }) => JSON.stringify(run)),
      };
    }
  }
}

/** A task in a journal row; one that was new there comes with its specification. */
interface Entry {
  readonly id?: string;
  readonly spec?: Task["spec"];
  readonly run: Omit<Task, "spec">;
}
