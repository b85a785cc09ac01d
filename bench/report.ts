/** Rows as a table that says how to read it, and their comparison with `baseline.json`. @module */

import type { Row } from "./harness.ts";

/** A change of a ratio below this is noise on a shared machine. */
const NOTABLE_CHANGE = 0.2;

/** Three significant digits, thousands apart. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en", {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

const valueColumn = ({ metric, unit }: Row): string => `${metric} ${unit}`.trim();
const ratioColumn = ({ metric, peer }: Row): string => `${metric} × ${peer}`;

/** One table of the rows of one benchmark: a line for each host and subject, a column for each metric. */
export function formatTable(rows: readonly Row[]): string {
  const columns = new Set<string>();
  const lines = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const key = `${row.host}  ${row.subject}`;
    const cells = lines.get(key) ?? new Map<string, string>();
    lines.set(key, cells);
    columns.add(valueColumn(row));
    cells.set(valueColumn(row), formatValue(row.value));
    if (row.ratio === undefined) continue;
    columns.add(ratioColumn(row));
    cells.set(ratioColumn(row), formatValue(row.ratio));
  }
  const header = ["", ...columns];
  const body = [...lines].map(([key, cells]) => [
    key,
    ...[...columns].map((column) => cells.get(column) ?? ""),
  ]);
  return align([header, ...body]);
}

function align(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, index) =>
    Math.max(...table.map((line) => (line[index] ?? "").length)),
  );
  const pad = (cell: string, index: number): string =>
    index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
  return table.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

const keyOf = ({ bench, host, subject, metric, peer }: Row): string =>
  [bench, host, subject, metric, peer].join("|");

/**
 * Sentences about ratios that are more than a fifth away from the accepted ones.
 *
 * Only ratios are compared: absolute times say more about the machine than about the program.
 */
export function changesSince(accepted: readonly Row[], rows: readonly Row[]): readonly string[] {
  const before = new Map(accepted.map((row) => [keyOf(row), row.ratio]));
  const changes: string[] = [];
  for (const row of rows) {
    const was = before.get(keyOf(row));
    if (was === undefined || row.ratio === undefined) continue;
    if (Math.abs(row.ratio / was - 1) <= NOTABLE_CHANGE) continue;
    const { bench, host, subject, metric, peer } = row;
    changes.push(
      `${bench} ${host} ${subject}: ${metric} × ${peer} was ${formatValue(was)}, is ${formatValue(row.ratio)}`,
    );
  }
  return changes;
}
