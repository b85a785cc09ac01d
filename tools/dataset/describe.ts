import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { ColumnProfile } from "./column-profile.ts";
import { openSource, readingFor } from "./source.ts";
import { sourceSchema } from "./source-schema.ts";
import { checkColumns } from "./survey.ts";

const columnSchema = v.object({
  name: v.string(),
  type: v.picklist(["null", "boolean", "integer", "number", "text", "mixed"]),
  nulls: v.pipe(v.number(), v.description("Rows in which it is null or absent")),
  distinct: v.number(),
  distinctIsExact: v.pipe(
    v.boolean(),
    v.description("False where there are more than were counted"),
  ),
  min: v.optional(v.unknown()),
  max: v.optional(v.unknown()),
  mean: v.optional(v.number()),
  examples: v.array(v.unknown()),
});

/** What is in a table. */
export const datasetDescribe: Tool = defineTool({
  name: "dataset_describe",
  title: "Describe rows",
  description: "Describe the columns of a file or list: type, nulls, distinct values, range, mean",
  details:
    "Every row is read. min, max and mean are there for columns of one type: numbers, or text for min and max.",
  input: v.object({ source: sourceSchema }),
  output: v.object({ totalRows: v.number(), columns: v.array(columnSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { timeoutMs: 600_000 },
  example: { source: { path: "sales.csv" } },
  async run({ source }, context) {
    const table = await openSource(source, readingFor(context));
    const budget = { left: 500_000 };
    const profiles = new Map<string, ColumnProfile>();
    const profileOf = (column: string): ColumnProfile => {
      const known = profiles.get(column);
      if (known) return known;
      checkColumns(profiles.size + 1);
      const profile = new ColumnProfile(budget);
      profiles.set(column, profile);
      return profile;
    };
    for (const column of table.columns ?? []) profileOf(column);
    let totalRows = 0;
    for await (const batch of table.batches()) {
      context.signal.throwIfAborted();
      totalRows += batch.length;
      for (const row of batch) {
        for (const column of Object.keys(row)) profileOf(column).add(row[column] ?? null);
      }
    }
    const columns = [...profiles].map(([name, profile]) => ({
      name,
      ...profile.report(totalRows),
    }));
    return { totalRows, columns };
  },
});
