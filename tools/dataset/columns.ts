/** Columns that a call names must exist. @module */

import { InputError, nearest } from "../../src/tool.ts";
import type { Batch, Row, Table } from "./row.ts";

/**
 * The same table, sure to have these columns.
 *
 * Where the format does not say which columns there are, a name that no row has is found out
 * when the last row was read.
 */
export function requireColumns(table: Table, needed: Iterable<string>): Table {
  const unseen = new Set(needed);
  const { columns } = table;
  if (columns) {
    for (const column of unseen)
      if (!columns.includes(column)) throw unknownColumn(column, columns);
    return table;
  }
  return {
    ...table,
    async *batches() {
      const tracker = createTracker(unseen);
      for await (const batch of table.batches()) {
        tracker.look(batch);
        yield batch;
      }
      tracker.finish();
    },
  };
}

/** Looks for columns in rows until all were seen. */
function createTracker(needed: ReadonlySet<string>): { look(batch: Batch): void; finish(): void } {
  const missing = new Set(needed);
  const seen = new Set<string>();
  const lookAt = (row: Row): void => {
    for (const column of Object.keys(row)) {
      missing.delete(column);
      if (seen.size < MAX_NAMED) seen.add(column);
    }
  };
  return {
    look(batch) {
      if (missing.size > 0) batch.forEach(lookAt);
    },
    finish() {
      const [column] = missing;
      if (column !== undefined && seen.size > 0) throw unknownColumn(column, [...seen]);
    },
  };
}

/** As many names as an error may have to choose from. */
const MAX_NAMED = 1000;

function unknownColumn(column: string, columns: readonly string[]): InputError {
  const near = nearest(column, columns);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "";
  const listed = `there are ${columns.slice(0, 20).join(", ")}${columns.length > 20 ? ", …" : ""}`;
  return new InputError("invalid_input", `There is no column "${column}": ${hint || listed}`, {
    data: { column, nearest: near, expected: columns.slice(0, 100) },
  });
}
