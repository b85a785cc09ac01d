/** `mcpp tools`: list tools, or find them by what they do. @module */

import type { App } from "../../app-types.ts";
import { InputError } from "../../errors.ts";
import { localCaller } from "../../registry/caller.ts";
import type { CategorySource } from "../../registry/category.ts";
import type { RegisteredTool } from "../../registry/registry.ts";
import type { CliContext } from "../context.ts";
import { settleUpstreams, withApp } from "../open-app.ts";
import { oneLine } from "../output.ts";
import type { ToolsFlags } from "../routes.ts";
import { formatTable } from "../table.ts";

const SOURCES: Readonly<Record<CategorySource, string>> = {
  builtin: "built in",
  upstream: "upstream",
  peer: "peer",
};

/** How many hits of a search are worth reading. */
const BEST_HITS = 20;

/** `mcpp tools [query]`. */
export function tools(this: CliContext, flags: ToolsFlags, query?: string): Promise<void> {
  const usual = query?.trim() ? BEST_HITS : Number.MAX_SAFE_INTEGER;
  const limit = flags.limit === undefined ? usual : readLimit(flags.limit);
  return withApp(this, flags, async (app) => {
    await settleUpstreams(this, app);
    const found = await find(app, query, flags.category);
    const shown = found.slice(0, limit);
    if (flags.json) await this.output.json({ tools: shown.map((one) => describe(app, one)) });
    else await print(this, app, shown);
    if (shown.length === 0) await this.output.talk(`no tool fits "${query ?? ""}"`);
    if (found.length > shown.length) {
      await this.output.talk(`${found.length - shown.length} more: --limit ${found.length}`);
    }
    await tellUnavailable(this, app, flags.category);
  });
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new InputError("invalid_input", `--limit takes a number from 1 on, and got "${text}"`);
}

async function find(
  app: App,
  query: string | undefined,
  category: string | undefined,
): Promise<readonly RegisteredTool[]> {
  const listed = await app.registry.list(localCaller, category);
  if (!query?.trim()) return listed;
  const hits = await app.search(query, localCaller, Number.MAX_SAFE_INTEGER);
  return hits.filter((hit) => category === undefined || hit.category === category);
}

function sourceOf(app: App, { category }: RegisteredTool): CategorySource {
  return app.registry.category(category)?.source ?? "builtin";
}

function describe(app: App, registered: RegisteredTool): Readonly<Record<string, unknown>> {
  const { name, category, tool } = registered;
  const { title, summary: description, annotations } = tool;
  return { name, category, title, description, source: sourceOf(app, registered), annotations };
}

async function print(
  { output }: CliContext,
  app: App,
  found: readonly RegisteredTool[],
): Promise<void> {
  const rows = found.map((one) => [
    `${one.category}/${one.name}`,
    oneLine(one.tool.summary),
    SOURCES[sourceOf(app, one)],
  ]);
  const { bold, dim } = output.style;
  const paint = (cell: string, column: number): string =>
    column === 0 ? bold(cell) : column === 2 ? dim(cell) : cell;
  const lines = formatTable(rows, { columns: output.columns, flexible: 1, paint });
  if (lines.length > 0) await output.result(lines.join("\n"));
}

/** One broken server hides no tool of another, but its own are missing, and that is said. */
async function tellUnavailable(
  { output }: CliContext,
  app: App,
  wanted: string | undefined,
): Promise<void> {
  for (const { name, source, availability } of app.registry.categories(localCaller)) {
    // What this version does not have yet is no news in a list of everything.
    const isNews = wanted === name || (wanted === undefined && source === "upstream");
    if (availability.available || !isNews) continue;
    const hint = source === "upstream" ? `  (mcpp doctor ${name})` : "";
    const mark = output.style.yellow("note");
    await output.talk(`${mark}: ${name} cannot run now: ${oneLine(availability.reason)}${hint}`);
  }
}
