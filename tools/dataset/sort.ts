import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { createBudget } from "./budget.ts";
import { requireColumns } from "./columns.ts";
import { answerSchema, answerWith, limitSchema, targetSchema } from "./result.ts";
import { cellOf, compareCells, detached, type Row, type Table } from "./row.ts";
import { openSource, readingFor } from "./source.ts";
import { sourceSchema } from "./source-schema.ts";

/** One column to order by. */
interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

const keysSchema = v.pipe(
  v.array(v.strictObject({ column: v.string(), descending: v.optional(v.boolean(), false) })),
  v.minLength(1),
  v.maxLength(16),
  v.description("Columns to order by, the most important first"),
);

/** Order rows by columns. */
export const datasetSort: Tool = defineTool({
  name: "dataset_sort",
  title: "Sort rows",
  description: "Sort the rows of a file or list by one or more columns",
  details:
    "Stable. Truth values come before numbers, numbers before text (by code units), null always last. Without target only the first rows are kept, so any file will do; with target all rows must fit in memory (256 MiB).",
  input: v.object({
    source: sourceSchema,
    by: keysSchema,
    limit: limitSchema,
    target: targetSchema,
  }),
  output: answerSchema,
  annotations: { destructiveHint: false, openWorldHint: false },
  routing: { timeoutMs: 600_000 },
  example: {
    source: { path: "sales.csv" },
    by: [{ column: "amount", descending: true }],
    limit: 10,
  },
  async run({ source, by, limit, target }, context) {
    const columns = by.map(({ column }) => column);
    const table = requireColumns(await openSource(source, readingFor(context)), columns);
    const order = compareBy(by);
    const { rows, totalRows } = await sorted(
      table,
      order,
      target ? Infinity : limit,
      context.signal,
    );
    const result = {
      ...(table.columns && { columns: table.columns }),
      batches: () => slices(rows),
    };
    const answer = await answerWith(result, { limit, target }, context);
    return { ...answer, totalRows, truncated: !target && totalRows > (answer.rows?.length ?? 0) };
  },
});

/** Order of rows by several columns. */
function compareBy(keys: readonly SortKey[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const { column, descending } of keys) {
      const [left, right] = [cellOf(a, column), cellOf(b, column)];
      const order = compareCells(left, right);
      if (order === 0) continue;
      // Null stays last when the order is turned round.
      return descending && left !== null && right !== null ? -order : order;
    }
    return 0;
  };
}

/** The first `count` rows in order, and how many there are. */
async function sorted(
  table: Table,
  order: (a: Row, b: Row) => number,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly rows: Row[]; readonly totalRows: number }> {
  const budget = createBudget(
    "What is sorted",
    "filter it first, or ask for the first rows by limit",
  );
  let rows: Row[] = [];
  let totalRows = 0;
  /** The last row that is kept at present, when there are as many as asked for. */
  let last: Row | undefined;
  const offer = (row: Row): void => {
    if (count === Infinity) budget.hold(row);
    else if (last && order(row, last) >= 0) return;
    rows.push(count === Infinity ? row : detached(row));
    if (rows.length < 2 * count) return;
    rows = rows.sort(order).slice(0, count);
    last = rows.at(-1);
  };
  for await (const batch of table.batches()) {
    signal.throwIfAborted();
    totalRows += batch.length;
    batch.forEach(offer);
  }
  return { rows: rows.sort(order).slice(0, count), totalRows };
}

async function* slices(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += 5000) yield rows.slice(start, start + 5000);
}
