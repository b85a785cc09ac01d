/** Rows in aligned columns, cut to the width of a terminal. @module */

const GAP = 2;

/** How many columns the text takes; colours take none. */
export const widthOf = (text: string): number =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  [...text.replaceAll(/\u001b\[[\d;]*m/g, "")].length;

/** The first `width` characters; a cut shows as "…". */
export function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** How a table is laid out. */
export interface TableOptions {
  /** Characters per line. */
  readonly columns: number;
  /** The column that gives way where a line is too long; left out, the last one. */
  readonly flexible?: number;
  /** Colours a cell that is already cut and padded. */
  readonly paint?: (cell: string, column: number, row: number) => string;
  readonly indent?: string;
}

/** The lines of a table. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { columns, flexible, paint = (cell) => cell, indent = "" }: TableOptions,
): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const elastic = flexible ?? count - 1;
  const fixed = widths.reduce((sum, width, at) => sum + (at === elastic ? 0 : width + GAP), 0);
  const left = Math.max(10, columns - fixed - indent.length);
  if (widths[elastic] !== undefined) widths[elastic] = Math.min(widths[elastic], left);
  return rows.map((row, at) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const short = cut(cell, width);
      const isLast = column === row.length - 1;
      return paint(isLast ? short : short + " ".repeat(width - widthOf(short)), column, at);
    });
    return indent + cells.join(" ".repeat(GAP)).trimEnd();
  });
}
