/** Where the rows of a call come from: a file, or the call itself. @module */

import type { ToolContext } from "../../src/tool.ts";
import { CsvParser } from "./csv-parser.ts";
import { type Format, formatOf } from "./format.ts";
import { createJsonArrayParser } from "./json-array-parser.ts";
import { createNdjsonParser } from "./ndjson-parser.ts";
import { openParquet } from "./parquet-reader.ts";
import { createMeter, type Meter } from "./progress.ts";
import type { Batch, Table } from "./row.ts";
import type { FileSource, Source } from "./source-schema.ts";
import { decode, type RowParser } from "./text.ts";

/** What reading needs of a call. */
export interface ReadContext {
  readonly files: ToolContext["files"];
  readonly signal: AbortSignal;
  readonly meter: Meter;
}

/** What reading needs, from a call. */
export function readingFor(context: ToolContext): ReadContext {
  return { files: context.files, signal: context.signal, meter: createMeter(context) };
}

/** The rows of a source; a file is opened here and read by `batches`. */
export async function openSource(source: Source, context: ReadContext): Promise<Table> {
  const { path, rows = [] } = source;
  if (path !== undefined) return openFile({ path, format: source.format }, context);
  return { totalRows: rows.length, batches: () => once(rows) };
}

async function* once(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}

/** The rows of a file. */
export async function openFile(source: FileSource, context: ReadContext): Promise<Table> {
  const { path } = source;
  const format = formatOf(path, source.format);
  if (format === "parquet") return metered(await openParquet(path, context), context);
  const sizeBytes = await context.files.sizeBytes(path);
  const batches = (): AsyncIterable<Batch> =>
    readText(path, newParser(format, path), sizeBytes, context);
  return format === "csv" ? { columns: await headerOf(path, context), batches } : { batches };
}

function newParser(format: Exclude<Format, "parquet">, path: string): RowParser {
  if (format === "csv") return new CsvParser(path);
  return format === "json" ? createJsonArrayParser(path) : createNdjsonParser(path);
}

async function* readText(
  path: string,
  parser: RowParser,
  sizeBytes: number,
  { files, signal, meter }: ReadContext,
): AsyncGenerator<Batch> {
  meter.expect(sizeBytes);
  const bytes = metering(await files.read(path), meter, signal);
  for await (const text of decode(bytes, path)) {
    const rows = parser.push(text);
    if (rows.length > 0) yield rows;
  }
  const rows = parser.end();
  if (rows.length > 0) yield rows;
}

async function* metering(
  bytes: ReadableStream<Uint8Array>,
  meter: Meter,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    yield chunk;
    meter.advance(chunk.byteLength);
  }
}

/** Parquet counts rows, because its bytes are read out of order. */
function metered(table: Table & { readonly totalRows: number }, { meter }: ReadContext): Table {
  return {
    ...table,
    async *batches() {
      meter.expect(table.totalRows);
      for await (const batch of table.batches()) {
        yield batch;
        meter.advance(batch.length);
      }
    },
  };
}

/** The columns of a CSV file, without reading more than its first rows. */
async function headerOf(path: string, { files, signal }: ReadContext): Promise<readonly string[]> {
  const parser = new CsvParser(path);
  for await (const text of decode(await files.read(path), path)) {
    signal.throwIfAborted();
    parser.push(text);
    if (parser.columns) return parser.columns;
  }
  parser.end();
  return parser.columns ?? [];
}
