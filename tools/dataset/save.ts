import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { openSource, readingFor } from "./source.ts";
import { fileSchema, rowsSchema } from "./source-schema.ts";
import { overwriteSchema, writeTable, writtenSchema } from "./target.ts";

/** Write rows to a file. */
export const datasetSave: Tool = defineTool({
  name: "dataset_save",
  title: "Save rows",
  description: "Save rows to a JSON, NDJSON, CSV or Parquet file",
  details:
    "The file appears whole or not at all. CSV and Parquet get every column that any row has. Lists and objects become JSON text in CSV, and JSON columns in Parquet.",
  input: v.object({ rows: rowsSchema, target: fileSchema, overwrite: overwriteSchema }),
  output: writtenSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  example: { rows: [{ city: "Oslo", visits: 3 }], target: { path: "visits.csv" } },
  async run({ rows, target, overwrite }, context) {
    const table = await openSource({ rows }, readingFor(context));
    return writeTable(table, { ...target, overwrite }, context);
  },
});
