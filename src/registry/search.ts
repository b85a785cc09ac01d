/**
 * Finds tools for a question in natural language: BM25 over names, titles, descriptions and
 * parameters of all tools, built in and mounted.
 *
 * @module
 */

import MiniSearch from "minisearch";
import { type Caller, localCaller } from "./caller.ts";
import type { Tool } from "./definition.ts";
import type { RegisteredTool, Registry } from "./registry.ts";
import { termsOf, withSynonyms } from "./terms.ts";
import { seesTool } from "./visibility.ts";

/** Tools for a query, best first; only what the caller may see. */
export type Search = (
  query: string,
  caller: Caller,
  limit: number,
) => Promise<readonly RegisteredTool[]>;

interface Document {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: string;
  readonly category: string;
}

const MAX_QUERY_LENGTH = 512;

/** How much a match in a field counts; found with `bench discovery` on the golden set. */
const BOOST: Readonly<Record<string, number>> = {
  name: 4,
  title: 2,
  description: 2,
  parameters: 0.6,
  category: 1.5,
};

/** Names and descriptions of a schema's parameters, nested ones included. */
function parametersOf(schema: unknown, depth = 0): string {
  if (typeof schema !== "object" || schema === null || depth > 4) return "";
  const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  const own = Object.entries(properties ?? {}).map(([name, inner]) => {
    const { description } = (inner ?? {}) as { description?: unknown };
    const words = typeof description === "string" ? description : "";
    return `${name} ${words} ${parametersOf(inner, depth + 1)}`;
  });
  return `${own.join(" ")} ${parametersOf(items, depth + 1)}`;
}

function documentOf({ name, category, tool }: RegisteredTool): Document {
  return {
    id: name,
    name,
    title: tool.title,
    description: tool.description.slice(0, 2000),
    parameters: parametersOf(tool.inputSchema).slice(0, 2000),
    category,
  };
}

/** A search over everything in `registry`; its index follows the registry's changes. */
export function createSearch(registry: Registry): Search {
  const index = new MiniSearch<Document>({
    fields: ["name", "title", "description", "parameters", "category"],
    tokenize: termsOf,
    processTerm: (term) => term,
  });
  const indexed = new Map<string, Tool>();
  let entries: ReadonlyMap<string, RegisteredTool> = new Map();
  let version = -1;
  let refreshing: Promise<void> | undefined;

  const update = (tools: readonly RegisteredTool[]): void => {
    entries = new Map(tools.map((entry) => [entry.name, entry]));
    for (const [name, tool] of indexed) {
      if (entries.get(name)?.tool === tool) continue;
      index.discard(name);
      indexed.delete(name);
    }
    for (const entry of tools) {
      if (indexed.has(entry.name)) continue;
      index.add(documentOf(entry));
      indexed.set(entry.name, entry.tool);
    }
  };

  const refresh = async (): Promise<void> => {
    while (version !== registry.version) {
      const seen = registry.version;
      update(await registry.list(localCaller));
      version = seen;
    }
  };

  return async (query, caller, limit) => {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
    const found = index.search(withSynonyms(query.slice(0, MAX_QUERY_LENGTH)), {
      boost: BOOST,
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      weights: { prefix: 0.4, fuzzy: 0.2 },
      bm25: { k: 1.2, b: 0.6, d: 0.5 },
    });
    const visible: RegisteredTool[] = [];
    for (const { id } of found) {
      const entry = entries.get(id);
      if (entry && seesTool(caller, entry.category, entry.tool)) visible.push(entry);
      if (visible.length === limit) break;
    }
    return visible;
  };
}
