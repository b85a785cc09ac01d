/** Writes rows to a file. @module */

import * as v from "valibot";
import { InputError, type ToolContext } from "../../src/tool.ts";
import { type Format, formatOf } from "./format.ts";
import { createParquetWriter } from "./parquet-writer.ts";
import type { Batch, Table } from "./row.ts";
import type { FileSource } from "./source-schema.ts";
import { survey } from "./survey.ts";
import { createTextWriter, type RowWriter } from "./writers.ts";

/** A file that was written. */
export interface Written {
  readonly path: string;
  readonly format: Format;
  readonly rows: number;
  readonly sizeBytes: number;
}

export const writtenSchema: v.GenericSchema<Written> = v.object({
  path: v.string(),
  format: v.picklist(["csv", "json", "ndjson", "parquet"]),
  rows: v.number(),
  sizeBytes: v.number(),
});

/** Whether a file that is there may be replaced. */
export const overwriteSchema: v.OptionalSchema<v.GenericSchema<boolean>, false> = v.optional(
  v.pipe(v.boolean(), v.description("Replace the file where there is one")),
  false,
);

/** Write all rows of `table` to `target`, which then appears at once or not at all. */
export async function writeTable(
  table: Table,
  target: FileSource & { readonly overwrite: boolean },
  { files, signal }: Pick<ToolContext, "files" | "signal">,
): Promise<Written> {
  const { path } = target;
  const format = formatOf(path, target.format);
  if (!target.overwrite) await refuseExisting(path, files);
  const { writer, batches } = await prepare(format, table);
  const output = (await files.write(path)).getWriter();
  let rows = 0;
  let sizeBytes = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    sizeBytes += bytes.byteLength;
    if (bytes.byteLength > 0) await output.write(bytes);
  };
  try {
    await put(writer.begin());
    for await (const batch of batches()) {
      signal.throwIfAborted();
      rows += batch.length;
      await put(writer.rows(batch));
    }
    await put(writer.end());
    await output.close();
  } catch (error) {
    await output.abort(error);
    throw error;
  }
  return { path, format, rows, sizeBytes };
}

/** CSV and Parquet begin with their columns, so these must be known before the first row. */
async function prepare(
  format: Format,
  table: Table,
): Promise<{ readonly writer: RowWriter; batches(): AsyncIterable<Batch> }> {
  const batches = (): AsyncIterable<Batch> => table.batches();
  if (format === "parquet") {
    const found = await survey(table);
    return { writer: createParquetWriter(found.kinds), batches: () => found.batches() };
  }
  if (format !== "csv" || table.columns) {
    return { writer: createTextWriter(format, table.columns ?? []), batches };
  }
  const found = await survey(table);
  return {
    writer: createTextWriter(format, [...found.kinds.keys()]),
    batches: () => found.batches(),
  };
}

async function refuseExisting(path: string, files: ToolContext["files"]): Promise<void> {
  try {
    await files.sizeBytes(path);
  } catch (error) {
    if (error instanceof InputError && error.code === "not_found") return;
    throw error;
  }
  throw new InputError(
    "invalid_input",
    `There is a file ${path} already: give another path, or overwrite: true where the tool takes it`,
    { data: { path } },
  );
}
