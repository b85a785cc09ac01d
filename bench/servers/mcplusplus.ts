/**
 * Our server as a subject: the whole product path with the defaults, over a catalog of the benchmark.
 *
 * Arguments: the number of tools, and `add` (so many tools, the last one adds) or `golden` (so many
 * recorded tools of real servers).
 *
 * @module
 */

import * as v from "valibot";
import { host } from "#host";
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type Category, defineTool, type Tool } from "../../src/tool.ts";
import { goldenCategories } from "../golden/categories.ts";

function adder(name: string): Tool {
  return defineTool({
    name,
    description: "Add two numbers",
    input: v.object({ a: v.number(), b: v.number() }),
    output: v.object({ sum: v.number() }),
    run: ({ a, b }) => ({ sum: a + b }),
  });
}

function adders(count: number): readonly Category[] {
  const names = Array.from({ length: count - 1 }, (_, index) => `tool_${index}`);
  const toolNames = [...names, "add"];
  const load = async (): Promise<readonly Tool[]> => toolNames.map(adder);
  const description = "Tools that add";
  const about = { name: "bench", title: "Bench", description, toolNames, load };
  return [{ ...about, source: "builtin", runtime: "local" }];
}

const [count = "1", kind = "add"] = host.args;
const catalog = kind === "golden" ? goldenCategories(Number(count)) : adders(Number(count));
const loaded = await loadConfig({
  environment: host.environment(),
  flags: [],
  dataHome: host.dataHome,
  workingFolder: host.workingFolder,
});
const app = await createApp({ ...loaded, host, catalog });
const listener = await host.listen(app.fetch, { hostname: "127.0.0.1", port: 0 });
await host.terminal.print(`${JSON.stringify({ port: listener.port, pid: host.pid })}\n`);
host.stopRequested.addEventListener("abort", () => host.exit(0));
