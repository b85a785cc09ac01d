/** The file formats of datasets, and how one is chosen. @module */

import * as v from "valibot";
import { InputError } from "../../src/tool.ts";

/** A format that rows can be read from and written to. */
export type Format = "csv" | "json" | "ndjson" | "parquet";

const FORMATS = ["csv", "json", "ndjson", "parquet"] as const;

/** By the end of the file's name. */
const EXTENSIONS: ReadonlyMap<string, Format> = new Map([
  ["csv", "csv"],
  ["json", "json"],
  ["ndjson", "ndjson"],
  ["jsonl", "ndjson"],
  ["parquet", "parquet"],
]);

export const formatSchema: v.GenericSchema<Format> = v.picklist(FORMATS);

/** The format that was asked for, or that the file's name says. */
export function formatOf(path: string, format: Format | undefined): Format {
  if (format !== undefined) return format;
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const known = EXTENSIONS.get(extension);
  if (known) return known;
  throw new InputError(
    "invalid_input",
    `The name "${path}" does not tell its format: end it in ${[...EXTENSIONS.keys()].map((end) => `.${end}`).join(", ")}, or give format (${FORMATS.join(", ")})`,
    { data: { path, expected: FORMATS } },
  );
}
