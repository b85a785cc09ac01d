import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { formatOf } from "./format.ts";
import { createCollector, limitSchema } from "./result.ts";
import { openFile, readingFor } from "./source.ts";
import { fileSchema, rowSchema } from "./source-schema.ts";

/** Read rows of a file. */
export const datasetLoad: Tool = defineTool({
  name: "dataset_load",
  title: "Load rows",
  description: "Load rows from a JSON, NDJSON, CSV or Parquet file",
  details:
    "It stops reading when it has the rows; totalRows is there where it is known without reading on. In CSV an empty cell is null, unquoted numbers, true and false are values, and what is in quotes is text.",
  input: v.object({ source: fileSchema, limit: limitSchema }),
  output: v.object({
    format: v.string(),
    columns: v.array(v.string()),
    rows: v.array(rowSchema),
    truncated: v.boolean(),
    totalRows: v.optional(v.number()),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  example: { source: { path: "sales.csv" }, limit: 20 },
  async run({ source, limit }, context) {
    const table = await openFile(source, readingFor(context));
    const collector = createCollector(limit);
    let isComplete = true;
    for await (const batch of table.batches()) {
      context.signal.throwIfAborted();
      isComplete = collector.add(batch);
      if (!isComplete) break;
    }
    const { rows } = collector;
    const totalRows = table.totalRows ?? (isComplete ? rows.length : undefined);
    return {
      format: formatOf(source.path, source.format),
      columns: [...(table.columns ?? new Set(rows.flatMap((row) => Object.keys(row))))],
      rows,
      truncated: !isComplete,
      ...(totalRows !== undefined && { totalRows }),
    };
  },
});
