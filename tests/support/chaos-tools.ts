/** A category of one tool whose executions can be counted from outside, for workflows under chaos. @module */

import { appendFileSync } from "node:fs";
import process from "node:process";
import * as v from "valibot";
import { host } from "#host";
import { type Category, defineTool, type Tool, ToolError } from "../../src/tool.ts";

/** Its answer depends on its input alone, wherever and however often it is called. */
const step: Tool = defineTool({
  name: "chaos_step",
  title: "Leave a line and add up",
  description: "Leave a line in a file, take a while, and add up every number in a value",
  input: v.object({
    file: v.pipe(v.string(), v.description("Gets <run>/<node>/<index> <process id> <host>")),
    run: v.string(),
    node: v.string(),
    index: v.optional(v.number()),
    ms: v.optional(v.number(), 0),
    of: v.optional(v.unknown()),
    fails: v.optional(v.boolean(), false),
  }),
  output: v.object({ sum: v.number() }),
  annotations: { destructiveHint: false, openWorldHint: false },
  example: { file: "/tmp/effects", run: "try-1", node: "fetch", of: [1, 2] },
  run: async ({ file, run, node, index = 0, ms, of, fails }, { signal }) => {
    appendFileSync(file, `${run}/${node}/${index} ${process.pid} ${host.name}\n`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    signal.throwIfAborted();
    if (fails) throw new ToolError("tool_failed", `${node} always fails`);
    return { sum: sumOf(of) };
  },
});

function sumOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + sumOf(part), 0);
}

/** The category. */
export const chaosTools: Category = {
  name: "chaos",
  title: "Chaos",
  description: "A tool whose executions can be counted",
  source: "builtin",
  runtime: "local",
  toolNames: [step.name],
  load: async () => [step],
};
