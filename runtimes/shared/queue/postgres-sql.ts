/** Statements of PostgreSQL, and what goes into them. @module */

/** What goes into a statement. */
export type Value = string | number | null | Uint8Array;
/** What comes out of it. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement, which is prepared on first use; statements asked in one turn travel together. */
export type Run = (text: string, values?: readonly Value[]) => Promise<readonly Row[]>;

/** Wait for all of them; where some fail, rejects with the error of the first. */
export async function together(
  asked: readonly Promise<readonly Row[]>[],
): Promise<readonly (readonly Row[])[]> {
  const settled = await Promise.allSettled(asked);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

/** The text of an array, whose type the statement names. */
export function arrayOf(values: Iterable<string | number | null>): string {
  return `{${[...values].map(elementOf).join(",")}}`;
}

function elementOf(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "NULL" : String(value);
  return `"${plain(value).replaceAll(/["\\]/g, "\\$&")}"`;
}

/** PostgreSQL has no character U+0000 in texts; where one is searched by, its picture stands for it. */
export function plain(text: string): string {
  return text.replaceAll("\0", "\u2400");
}
