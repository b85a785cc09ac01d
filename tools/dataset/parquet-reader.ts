/** Rows of a Parquet file, one row group at a time, by reading ranges of the file. @module */

// The package's main entry imports node:fs outside of browsers; its parts do not.
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet/src/index.js";
import { compressors } from "hyparquet-compressors";
import { InputError, type ToolContext, ToolError } from "../../src/tool.ts";
import { type Batch, FORBIDDEN_COLUMN, FORBIDDEN_FAULT, type Row } from "./row.ts";

/** A row group is decoded as a whole, so this bounds memory. */
const MAX_GROUP_BYTES = 256 * 1024 * 1024;

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  readonly columns: readonly string[];
  readonly totalRows: number;
  batches(): AsyncIterable<Batch>;
}

/** Read the footer; rows are read by `batches`. */
export async function openParquet(
  path: string,
  { files, signal }: Pick<ToolContext, "files" | "signal">,
): Promise<ParquetFile> {
  const file: AsyncBuffer = {
    byteLength: await files.sizeBytes(path),
    async slice(start, end = file.byteLength) {
      signal.throwIfAborted();
      if (start >= end) return new ArrayBuffer(0);
      return new Response((await files.read(path, { start, end })) as BodyInit).arrayBuffer();
    },
  };
  const metadata = await understood(path, () => parquetMetadataAsync(file));
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (columns.includes(FORBIDDEN_COLUMN)) {
    throw new InputError("invalid_input", `${path}: ${FORBIDDEN_FAULT}`, { data: { path } });
  }
  return {
    columns,
    totalRows: Number(metadata.num_rows),
    batches: () => readGroups(path, file, metadata, signal),
  };
}

async function* readGroups(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  let rowStart = 0;
  for (const { num_rows, total_byte_size } of metadata.row_groups) {
    signal.throwIfAborted();
    if (total_byte_size > MAX_GROUP_BYTES) {
      throw new ToolError(
        "too_large",
        `${path}: a row group of ${total_byte_size} bytes, and at most ${MAX_GROUP_BYTES} are held at once; write the file with smaller row groups`,
        { data: { path } },
      );
    }
    const rowEnd = rowStart + Number(num_rows);
    const options = { file, metadata, compressors, rowStart, rowEnd };
    const rows = await understood(path, () => parquetReadObjects(options));
    for (const row of rows) toPlain(row);
    yield rows;
    rowStart = rowEnd;
  }
}

/** Replace, in place, what JSON does not have. */
function toPlain(row: Record<string, unknown>): Row {
  for (const column in row) {
    const cell = row[column];
    if (cell === undefined || typeof cell === "object" || typeof cell === "bigint") {
      row[column] = plain(cell);
    } else if (typeof cell === "number" && !Number.isFinite(cell)) row[column] = null;
  }
  return row;
}

function plain(cell: unknown): unknown {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === "bigint") {
    const number = Number(cell);
    return Number.isSafeInteger(number) ? number : String(cell);
  }
  if (typeof cell !== "object") return cell;
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString();
  if (cell instanceof Uint8Array)
    return [...cell].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) return Array.from(cell as unknown[], plain);
  return Object.fromEntries(Object.entries(cell).map(([key, value]) => [key, plain(value)]));
}

async function understood<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    // What the library throws has no code; a file that cannot be read or a cancelled call has one.
    if (cause instanceof Error && "code" in cause) throw cause;
    const message = `${path} is no Parquet file that can be read: ${String(cause)}`;
    throw new InputError("invalid_input", message, { cause, data: { path } });
  }
}
