/** How the tests of tools that query call them, and on what. @module */

import type { Tool } from "../../../../src/registry/definition.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

export type Rows = readonly Record<string, unknown>[];

export interface Answer {
  readonly rows: Rows;
  readonly totalRows: number;
  readonly truncated: boolean;
  readonly file?: { readonly path: string; readonly rows: number };
}

export const sales: Rows = [
  { city: "Oslo", amount: 10, code: "A1" },
  { city: "Rome", amount: 30, code: "b2" },
  { city: "Oslo", amount: 20, code: null },
  { city: "Lima", amount: null, code: "A10" },
];

/** What `tool` answers in a folder of its own. */
export async function ask(t: Cleanup, tool: Tool, input: Record<string, unknown>): Promise<Answer> {
  const { run } = await createToolScene(t);
  return (await run(tool, input)) as Answer;
}
