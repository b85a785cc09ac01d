import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { requireColumns } from "./columns.ts";
import { conditionSchema } from "./condition.ts";
import { compilePredicate, type Predicate } from "./predicate.ts";
import { answerSchema, answerWith, limitSchema, targetSchema } from "./result.ts";
import type { Batch, Row } from "./row.ts";
import { openSource, readingFor } from "./source.ts";
import { sourceSchema } from "./source-schema.ts";

/** Keep the rows for which a condition holds. */
export const datasetFilter: Tool = defineTool({
  name: "dataset_filter",
  title: "Filter rows",
  description: "Keep the rows of a file or list for which a condition holds",
  details:
    "A condition is {column, op, value} or {and: [...]}, {or: [...]}, {not: ...}. op: eq ne lt le gt ge, in (value is a list), contains startsWith endsWith, matches (a regular expression of RE2: no look-around, no back references), isNull. Null is less than, greater than and contained in nothing.",
  input: v.object({
    source: sourceSchema,
    where: conditionSchema,
    limit: limitSchema,
    target: targetSchema,
  }),
  output: answerSchema,
  annotations: { destructiveHint: false, openWorldHint: false },
  routing: { timeoutMs: 600_000 },
  example: {
    source: { path: "sales.csv" },
    where: {
      and: [
        { column: "amount", op: "gt", value: 100 },
        { column: "city", op: "eq", value: "Oslo" },
      ],
    },
  },
  async run({ source, where, limit, target }, context) {
    const predicate = compilePredicate(where);
    const table = requireColumns(await openSource(source, readingFor(context)), predicate.columns);
    const { columns } = table;
    const kept = {
      ...(columns && { columns }),
      async *batches() {
        for await (const batch of table.batches()) {
          yield await keep(batch, predicate, context.signal);
        }
      },
    };
    return answerWith(kept, { limit, target }, context);
  },
});

/** Patterns may take so many steps before others, and the signal, get a turn. */
const STEPS_PER_TURN = 20_000_000;

async function keep(batch: Batch, predicate: Predicate, signal: AbortSignal): Promise<Batch> {
  const kept: Row[] = [];
  for (const row of batch) {
    if (predicate.test(row)) kept.push(row);
    if (predicate.work.steps < STEPS_PER_TURN) continue;
    predicate.work.steps = 0;
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return kept;
}
