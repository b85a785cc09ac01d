/** What the tools that query give back: rows in the answer, or a file. @module */

import * as v from "valibot";
import { type ToolContext, whole } from "../../src/tool.ts";
import { detached, type Row, type Table, weightOf } from "./row.ts";
import { type FileSource, fileSchema, rowSchema } from "./source-schema.ts";
import { type Written, writeTable, writtenSchema } from "./target.ts";

/** Rows in an answer are for reading; at most this many, and this much. */
const MAX_ROWS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** How many rows the answer holds. */
export const limitSchema: v.OptionalSchema<v.GenericSchema<number>, 100> = v.optional(
  whole(1, MAX_ROWS, "How many rows the answer holds at most"),
  100,
);

/** Where to put all rows instead. */
export const targetSchema: v.OptionalSchema<v.GenericSchema<FileSource>, undefined> = v.optional(
  v.pipe(
    fileSchema,
    v.description("Write all rows to this new file, instead of answering with some of them"),
  ),
);

/** The answer of a query. */
export interface Answer {
  rows?: Row[] | undefined;
  totalRows: number;
  truncated: boolean;
  file?: Written | undefined;
}

export const answerSchema: v.GenericSchema<Answer> = v.object({
  rows: v.optional(v.array(rowSchema)),
  totalRows: v.number(),
  truncated: v.pipe(
    v.boolean(),
    v.description("Whether there are more rows than the answer holds"),
  ),
  file: v.optional(writtenSchema),
});

/** Answer with the first rows of `table`, or write them all. */
export async function answerWith(
  table: Table,
  { limit, target }: { readonly limit: number; readonly target?: FileSource | undefined },
  context: Pick<ToolContext, "files" | "signal">,
): Promise<Answer> {
  if (target) {
    const file = await writeTable(table, { ...target, overwrite: false }, context);
    return { totalRows: file.rows, truncated: false, file };
  }
  const collector = createCollector(limit);
  let totalRows = 0;
  for await (const batch of table.batches()) {
    context.signal.throwIfAborted();
    totalRows += batch.length;
    collector.add(batch);
  }
  return { rows: collector.rows, totalRows, truncated: totalRows > collector.rows.length };
}

/** Keeps the first rows that fit an answer. */
export function createCollector(limit: number): {
  readonly rows: Row[];
  /** Whether there is room for more. */
  add(batch: readonly Row[]): boolean;
} {
  const rows: Row[] = [];
  let bytes = 0;
  let isFull = false;
  return {
    rows,
    add(batch) {
      for (const row of batch) {
        bytes += isFull ? 0 : weightOf(row);
        isFull ||= rows.length >= limit || (bytes > MAX_BYTES && rows.length > 0);
        if (isFull) break;
        rows.push(detached(row));
      }
      return !isFull;
    },
  };
}
