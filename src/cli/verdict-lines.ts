/** What a proof came to, in words. @module */

import type { Verdict } from "../workflow/proof/verify.ts";
import { oneLine, type Style } from "./output.ts";

/** Lines of one kind that are shown. */
const MAX_LINES = 20;

/** The logs that were verified, and what follows from them. */
export function formatVerdict(
  { workflowId, definition, faults, logs, missing, edges, nodes, blocks }: Verdict,
  { green, yellow, red }: Style,
): readonly string[] {
  const told = logs.map(
    ({ owner, queue, commits, events, head }) =>
      `${owner}/${queue}: ${commits} commits with ${events} events of the run, up to ${head}`,
  );
  const gaps = missing.map(({ owner, queue, why }) => `${owner}/${queue} is missing: ${why}`);
  if (faults.length > 0) {
    const wrong = [...marked(red("✗"), faults), ...marked(yellow("!"), gaps)];
    return [...wrong, "a file in which something is wrong proves nothing"];
  }
  const open = edges.filter(({ unproven }) => unproven !== undefined);
  const unproven = open.map(({ from, to, unproven: why }) => `${from} → ${to}: ${why}`);
  const isWhole = open.length === 0 && missing.length === 0;
  const proven = `the order is proven for ${edges.length - open.length} of ${edges.length} edges of the graph`;
  return [
    oneLine(`workflow ${workflowId}, written as ${definition}`),
    ...marked(green("✓"), told),
    `${green("✓")} ${blocks} blocks are what their CIDs say, and each log is one unbroken chain`,
    `${isWhole ? green("✓") : yellow("!")} ${proven}`,
    ...marked(yellow("!"), gaps),
    ...marked(yellow("!"), unproven),
    oneLine(`begun in this order: ${cut(nodes).join(", ")}`),
  ];
}

function marked(mark: string, lines: readonly string[]): readonly string[] {
  return cut(lines).map((line) => `${mark} ${oneLine(line)}`);
}

function cut(lines: readonly string[]): readonly string[] {
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `… and ${more} more`] : lines;
}
