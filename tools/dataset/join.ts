import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { createBudget } from "./budget.ts";
import { requireColumns } from "./columns.ts";
import { answerSchema, answerWith, limitSchema, targetSchema } from "./result.ts";
import { type Batch, cellOf, keyOf, type Row, type Table } from "./row.ts";
import { openSource, readingFor } from "./source.ts";
import { sourceSchema } from "./source-schema.ts";

/** Which rows of the left side stay. */
type JoinType = "inner" | "left" | "semi" | "anti";

const onSchema = v.pipe(
  v.array(v.strictObject({ left: v.string(), right: v.string() })),
  v.minLength(1),
  v.maxLength(16),
  v.description("Pairs of columns that must be equal"),
);

/** Put together rows that agree in some columns. */
export const datasetJoin: Tool = defineTool({
  name: "dataset_join",
  title: "Join rows",
  description: "Join the rows of two files or lists by equal columns",
  details:
    'inner: rows with a partner; left: all rows of the left side, with nulls where there is no partner; semi and anti: rows of the left side with and without a partner. The right side is held in memory (256 MiB), the left may be of any size. Null equals nothing; the number 1 is not the text "1". A column of the right side whose name is taken gets right_ before it.',
  input: v.object({
    left: sourceSchema,
    right: sourceSchema,
    on: onSchema,
    type: v.optional(v.picklist(["inner", "left", "semi", "anti"]), "inner"),
    limit: limitSchema,
    target: targetSchema,
  }),
  output: answerSchema,
  annotations: { destructiveHint: false, openWorldHint: false },
  routing: { timeoutMs: 600_000 },
  example: {
    left: { path: "sales.csv" },
    right: { rows: [{ code: "NO", country: "Norway" }] },
    on: [{ left: "country_code", right: "code" }],
  },
  async run({ left, right, on, type, limit, target }, context) {
    const reading = readingFor(context);
    const keysOf = (side: "left" | "right"): string[] => on.map((pair) => pair[side]);
    const rightTable = requireColumns(await openSource(right, reading), keysOf("right"));
    const leftTable = requireColumns(await openSource(left, reading), keysOf("left"));
    const side = await readRight(rightTable, keysOf("right"), context.signal);
    const joined: Table = { batches: () => join(leftTable, keysOf("left"), side, type) };
    return answerWith(joined, { limit, target }, context);
  },
});

/** The right side, by key. */
interface RightSide {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** Its columns that are not keys. */
  readonly columns: readonly string[];
}

/** Text that is equal where all cells are; `undefined` where one is null, which equals nothing. */
function joinKey(row: Row, columns: readonly string[]): string | undefined {
  const cells = columns.map((column) => cellOf(row, column));
  return cells.includes(null) ? undefined : keyOf(cells);
}

async function readRight(
  table: Table,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<RightSide> {
  const budget = createBudget("The right side of a join", "filter it first, or swap the sides");
  const columns = new Set(table.columns);
  const rows = new Map<string, Row[]>();
  for await (const batch of table.batches()) {
    signal.throwIfAborted();
    for (const row of batch) {
      for (const column of Object.keys(row)) columns.add(column);
      const key = joinKey(row, keys);
      if (key === undefined) continue;
      budget.hold(row);
      const known = rows.get(key);
      if (known) known.push(row);
      else rows.set(key, [row]);
    }
  }
  return { rows, columns: [...columns].filter((column) => !keys.includes(column)) };
}

/** Rows are given out in pieces of this size: one row may have many partners. */
const PIECE_ROWS = 5000;

async function* join(
  left: Table,
  keys: readonly string[],
  right: RightSide,
  type: JoinType,
): AsyncGenerator<Batch> {
  let piece: Row[] = [];
  for await (const batch of left.batches()) {
    for (const row of batch) {
      for (const joined of joinedRows(row, keys, right, type)) {
        if (piece.push(joined) < PIECE_ROWS) continue;
        yield piece;
        piece = [];
      }
    }
  }
  yield piece;
}

function* joinedRows(
  row: Row,
  keys: readonly string[],
  right: RightSide,
  type: JoinType,
): Generator<Row> {
  const key = joinKey(row, keys);
  const partners = (key === undefined ? undefined : right.rows.get(key)) ?? [];
  const isAlone = partners.length === 0;
  if (type === "semi" || type === "anti") {
    if (isAlone === (type === "anti")) yield row;
  } else if (isAlone && type === "left") yield paired(row, {}, right.columns);
  else for (const partner of partners) yield paired(row, partner, right.columns);
}

function paired(left: Row, right: Row, columns: readonly string[]): Row {
  const row: Record<string, unknown> = { ...left };
  for (const column of columns) {
    row[Object.hasOwn(left, column) ? `right_${column}` : column] = cellOf(right, column);
  }
  return row;
}
