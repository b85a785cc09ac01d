/** Lines of a terminal that are written over again and again. @module */

import type { Output } from "./output.ts";
import { widthOf } from "./table.ts";

/** Lines that are written over as long as nothing else came below them. */
export interface Block {
  redraw(lines: readonly string[]): Promise<void>;
  /** Text below the lines, which stay as they are from then on. */
  print(text: string): Promise<void>;
  /** Lines that stay, where the block begins; the next ones come below them. */
  settle(lines: readonly string[]): Promise<void>;
}

/** A block without lines. */
export function createBlock(output: Output): Block {
  let drawn = 0;
  let shown = "";
  const block: Block = {
    async redraw(lines) {
      const text = lines.map((line) => `${line}\n`).join("");
      if (drawn > 0 && text === shown) return;
      shown = text;
      const up = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : "";
      drawn = rowsOf(lines, output.columns);
      await output.raw(up + text);
    },
    async print(text) {
      // The lines above stay as they are.
      drawn = 0;
      await output.result(text);
    },
    async settle(lines) {
      await block.redraw(lines);
      drawn = 0;
      shown = "";
    },
  };
  return block;
}

/** Rows of a terminal that the lines take: a long one wraps. */
function rowsOf(lines: readonly string[], columns: number): number {
  const rows = lines.map((line) => Math.max(1, Math.ceil(widthOf(line) / columns)));
  return rows.reduce((sum, count) => sum + count, 0);
}
