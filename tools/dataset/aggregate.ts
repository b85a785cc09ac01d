import * as v from "valibot";
import { defineTool, InputError, type Tool, ToolError } from "../../src/tool.ts";
import { createAccumulator } from "./accumulators.ts";
import { requireColumns } from "./columns.ts";
import { type Accumulator, type Metric, OPERATIONS } from "./metric.ts";
import { answerSchema, answerWith, limitSchema, targetSchema } from "./result.ts";
import { cellOf, FORBIDDEN_COLUMN, FORBIDDEN_FAULT, keyOf, type Row, type Table } from "./row.ts";
import { openSource, readingFor } from "./source.ts";
import { sourceSchema } from "./source-schema.ts";

/** Groups of one call: beyond it the answer is no summary. */
const MAX_GROUPS = 100_000;

/** A metric with the column of the result. */
interface NamedMetric extends Metric {
  readonly as: string;
}

const metricSchema = v.pipe(
  v.strictObject({
    op: v.picklist(OPERATIONS),
    column: v.optional(v.string()),
    quantile: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.5),
    as: v.optional(
      v.pipe(
        v.string(),
        v.check((name) => name !== FORBIDDEN_COLUMN, FORBIDDEN_FAULT),
        v.description("Column of the result"),
      ),
    ),
  }),
  v.check(({ op, column }) => op === "count" || column !== undefined, "give the column"),
);

/** Summarize groups of rows. */
export const datasetAggregate: Tool = defineTool({
  name: "dataset_aggregate",
  title: "Aggregate rows",
  description: "Group the rows of a file or list and compute counts, sums, means and more",
  details:
    "op: count (of rows, or of cells that are not null in column), sum, mean, min, max, stddev (of a sample), countDistinct, quantile (exact; quantile 0.5 is the median). Null is left out. Groups come in the order in which they first appear, at most 100,000 of them. Any size of file.",
  input: v.object({
    source: sourceSchema,
    groupBy: v.optional(v.pipe(v.array(v.string()), v.maxLength(16)), []),
    metrics: v.pipe(v.array(metricSchema), v.minLength(1), v.maxLength(64)),
    limit: limitSchema,
    target: targetSchema,
  }),
  output: answerSchema,
  annotations: { destructiveHint: false, openWorldHint: false },
  routing: { timeoutMs: 600_000 },
  example: {
    source: { path: "sales.csv" },
    groupBy: ["city"],
    metrics: [{ op: "count" }, { op: "sum", column: "amount", as: "total" }],
  },
  async run({ source, groupBy, metrics, limit, target }, context) {
    const named = metrics.map((metric) => ({ ...metric, as: metric.as ?? nameOf(metric) }));
    const columns = [...groupBy, ...named.map(({ as }) => as)];
    const twice = columns.find((column, index) => columns.indexOf(column) !== index);
    if (twice !== undefined) {
      const message = `Two columns of the result are named "${twice}": name one of them by as`;
      throw new InputError("invalid_input", message);
    }
    const needed = named.flatMap(({ column }) => column ?? []);
    const opened = await openSource(source, readingFor(context));
    const table = requireColumns(opened, [...groupBy, ...needed]);
    const rows = await aggregate(table, groupBy, named, context.signal);
    const result: Table = { columns, batches: () => once(rows) };
    return answerWith(result, { limit, target }, context);
  },
});

function nameOf({ op, column, quantile }: Metric): string {
  if (column === undefined) return op;
  return op === "quantile" ? `${op}_${quantile}_${column}` : `${op}_${column}`;
}

async function* once(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

/** One group: its cells, and one accumulator for each metric. */
interface Group {
  readonly cells: readonly unknown[];
  readonly accumulators: readonly Accumulator[];
}

async function aggregate(
  table: Table,
  groupBy: readonly string[],
  metrics: readonly NamedMetric[],
  signal: AbortSignal,
): Promise<Row[]> {
  const held = { count: 0 };
  const groups = new Map<string, Group>();
  const groupOf = (row: Row): Group => {
    const key = keyOf(groupBy.map((column) => cellOf(row, column)));
    const known = groups.get(key);
    if (known) return known;
    if (groups.size === MAX_GROUPS) throw tooManyGroups(groupBy);
    const accumulators = metrics.map((metric) => createAccumulator(metric, held));
    // Read back from the key, because a cell may hold on to the text of a whole chunk.
    const group: Group = { cells: JSON.parse(key) as unknown[], accumulators };
    groups.set(key, group);
    return group;
  };
  for await (const batch of table.batches()) {
    signal.throwIfAborted();
    for (const row of batch) addRow(groupOf(row), metrics, row);
  }
  return [...groups.values()].map(({ cells, accumulators }) =>
    Object.fromEntries([
      ...groupBy.map((column, index) => [column, cells[index]] as const),
      ...metrics.map(({ as }, index) => [as, accumulators[index]?.result()] as const),
    ]),
  );
}

function addRow({ accumulators }: Group, metrics: readonly NamedMetric[], row: Row): void {
  metrics.forEach(({ column }, index) => {
    const cell = column === undefined ? true : cellOf(row, column);
    if (cell !== null) accumulators[index]?.add(cell);
  });
}

function tooManyGroups(groupBy: readonly string[]): ToolError {
  return new ToolError(
    "too_large",
    `Grouping by ${groupBy.join(", ")} makes more than ${MAX_GROUPS} groups: group by fewer columns, or filter first`,
  );
}
