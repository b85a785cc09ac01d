/** How a call says where rows are. @module */

import * as v from "valibot";
import { type Format, formatSchema } from "./format.ts";
import { FORBIDDEN_COLUMN, FORBIDDEN_FAULT, isObject } from "./row.ts";

/** Rows in a call are for small tables; a file is for the rest. */
const MAX_INLINE_ROWS = 10_000;

/** A file of rows. */
export interface FileSource {
  readonly path: string;
  readonly format?: Format | undefined;
}

/** A file of rows, or rows. */
export interface Source {
  readonly path?: string | undefined;
  readonly format?: Format | undefined;
  readonly rows?: readonly Record<string, unknown>[] | undefined;
}

const pathSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.description("Path of a file under the roots"),
);
const formatField = v.optional(
  v.pipe(formatSchema, v.description("Left out, the end of the file's name tells")),
);

export const fileSchema: v.GenericSchema<FileSource> = v.strictObject({
  path: pathSchema,
  format: formatField,
});

const anyRow = v.pipe(
  v.any(),
  v.guard(isObject, "a row must be an object"),
  v.check((row) => !Object.hasOwn(row, FORBIDDEN_COLUMN), FORBIDDEN_FAULT),
);

/** A row as it is; valibot's record, which clients see, would leave out a column `constructor`. */
export const rowSchema: v.GenericSchema<Record<string, unknown>> = {
  ...v.record(v.string(), v.unknown()),
  "~run": anyRow["~run"],
};

export const rowsSchema: v.GenericSchema<Record<string, unknown>[]> = v.pipe(
  v.array(rowSchema),
  v.maxLength(MAX_INLINE_ROWS),
  v.description(`Rows as objects, at most ${MAX_INLINE_ROWS}`),
);

export const sourceSchema: v.GenericSchema<Source> = v.pipe(
  v.strictObject({
    path: v.optional(pathSchema),
    format: formatField,
    rows: v.optional(rowsSchema),
  }),
  v.check(
    ({ path, rows }) => (path === undefined) !== (rows === undefined),
    "give either path (of a file) or rows",
  ),
  v.description("Where the rows are: {path, format?} of a file, or {rows}"),
);
