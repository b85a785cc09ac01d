/** Rows as a Parquet file, in row groups that bound what is held in memory. @module */

// The package's main entry imports node:fs outside of browsers; its parts do not.
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import { schemaFromColumnData } from "hyparquet-writer/src/schema.js";
import { type Batch, cellOf, type Row, weightOf } from "./row.ts";
import type { Kind } from "./survey.ts";
import type { RowWriter } from "./writers.ts";

/** A row group ends at whichever comes first. */
const GROUP_ROWS = 25_000;
const GROUP_BYTES = 16 * 1024 * 1024;

/** Parquet's type for each kind; a mixed column holds each cell as JSON, so nothing is lost. */
const TYPES = {
  null: "STRING",
  boolean: "BOOLEAN",
  int32: "INT32",
  int64: "INT64",
  double: "DOUBLE",
  text: "STRING",
  mixed: "JSON",
} as const satisfies Readonly<Record<Kind, string>>;

/** A writer for rows whose columns hold what the survey found. */
export function createParquetWriter(kinds: ReadonlyMap<string, Kind>): RowWriter {
  const bytes = new ByteWriter();
  const columnsOf = (rows: readonly Row[]) =>
    [...kinds].map(([name, kind]) => ({
      name,
      type: TYPES[kind],
      data: rows.map((row) => valueFor(kind, cellOf(row, name))),
    }));
  const schema = schemaFromColumnData({ columnData: columnsOf([]) });
  const writer = new ParquetWriter({ writer: bytes, schema });
  let group: Row[] = [];
  let weight = 0;

  /** What was encoded since the last time. */
  const drain = (): Uint8Array => {
    const drained = bytes.getBytes().slice();
    bytes.index = 0;
    return drained;
  };
  const endGroup = (): void => {
    if (group.length === 0) return;
    const columnData = columnsOf(group).map(({ name, data }) => ({ name, data }));
    void writer.write({ columnData, rowGroupSize: group.length });
    group = [];
    weight = 0;
  };
  return {
    begin: drain,
    rows(batch: Batch) {
      for (const row of batch) {
        group.push(row);
        weight += weightOf(row);
        if (group.length >= GROUP_ROWS || weight >= GROUP_BYTES) endGroup();
      }
      return drain();
    },
    end() {
      endGroup();
      void writer.finish();
      return drain();
    },
  };
}

function valueFor(kind: Kind, cell: unknown): unknown {
  return kind === "int64" && typeof cell === "number" ? BigInt(cell) : cell;
}
