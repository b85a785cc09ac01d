import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { openFile, readingFor } from "./source.ts";
import { fileSchema } from "./source-schema.ts";
import { overwriteSchema, writeTable, writtenSchema } from "./target.ts";

/** Write the rows of one file to another. */
export const datasetConvert: Tool = defineTool({
  name: "dataset_convert",
  title: "Convert a file of rows",
  description: "Convert a file of rows between JSON, NDJSON, CSV and Parquet",
  details:
    "Files of any size in bounded memory. To Parquet, and from JSON to CSV, the source is read twice: the first time for its columns and their types.",
  input: v.object({ source: fileSchema, target: fileSchema, overwrite: overwriteSchema }),
  output: writtenSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  // Ten gigabytes at the slowest speed that was measured.
  routing: { timeoutMs: 1_200_000 },
  example: { source: { path: "sales.csv" }, target: { path: "sales.parquet" } },
  async run({ source, target, overwrite }, context) {
    const table = await openFile(source, readingFor(context));
    return writeTable(table, { ...target, overwrite }, context);
  },
});
