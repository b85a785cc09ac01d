/**
 * Finds tools for a question in natural language: BM25 over names, titles, descriptions and
 * parameters of all tools, built in and mounted.
 *
 * @module
 */

import MiniSearch, { type SearchOptions } from "minisearch";
import { type Caller, localCaller } from "./caller.ts";
import { withoutCopies } from "./copies.ts";
import type { Tool } from "./definition.ts";
import type { RegisteredTool, Registry } from "./registry.ts";
import { type Concept, conceptsOf, termsOf } from "./terms.ts";
import { seesTool } from "./visibility.ts";

/** Tools for a query, best first; only what the caller may see. */
export type Search = (
  query: string,
  caller: Caller,
  limit: number,
  /** Only tools of this category. */
  category?: string,
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

/** How much a word counts that only may mean what was asked for. */
const MEANING_WEIGHT = 0.5;

/** What is worth less than this part of the best is noise, and costs a model context. */
const LEAST_WORTH = 0.5;

const OPTIONS: SearchOptions = {
  boost: BOOST,
  tokenize: (word) => [word],
  prefix: (term) => term.length > 3,
  fuzzy: (term) => (term.length > 5 ? 0.15 : false),
  weights: { prefix: 0.4, fuzzy: 0.2 },
  bm25: { k: 2, b: 0.6, d: 0.5 },
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

/**
 * What each tool is worth for a query. For each thing asked for, the best of its words counts; the
 * root keeps one rare word from outweighing all others, and a tool that answers to more of the
 * query is worth more. Found with `bench discovery` on the golden set.
 */
function scores(index: MiniSearch<Document>, query: string): ReadonlyMap<string, number> {
  const concepts = conceptsOf(query.slice(0, MAX_QUERY_LENGTH));
  const sums = new Map<string, { total: number; hits: number }>();
  for (const concept of concepts) {
    for (const [id, score] of bestScores(index, concept)) {
      const sum = sums.get(id) ?? { total: 0, hits: 0 };
      sum.total += Math.sqrt(score);
      sum.hits += 1;
      sums.set(id, sum);
    }
  }
  const worth = new Map<string, number>();
  for (const [id, { total, hits }] of sums) {
    worth.set(id, total * Math.sqrt(hits / concepts.length));
  }
  return worth;
}

/** The best score of each tool over the words of one concept. */
function bestScores(
  index: MiniSearch<Document>,
  { term, meanings }: Concept,
): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  const weigh = (word: string, weight: number): void => {
    // The options take our documents' ids, which are strings.
    for (const { id, score } of index.search(word, OPTIONS) as { id: string; score: number }[]) {
      best.set(id, Math.max(best.get(id) ?? 0, score * weight));
    }
  };
  if (term !== undefined) weigh(term, 1);
  for (const meaning of meanings) weigh(meaning, MEANING_WEIGHT);
  return best;
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
  let originals: ReadonlySet<RegisteredTool> = new Set();
  let version = -1;
  let refreshing: Promise<void> | undefined;

  const update = (tools: readonly RegisteredTool[]): void => {
    entries = new Map(tools.map((entry) => [entry.name, entry]));
    originals = new Set(withoutCopies(tools));
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

  return async (query, caller, limit, category) => {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
    const ranked = [...scores(index, query)].toSorted(
      (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
    );
    const isWanted = (entry: RegisteredTool): boolean =>
      (category === undefined ? originals.has(entry) : entry.category === category) &&
      seesTool(caller, entry.category, entry.tool);
    const visible: RegisteredTool[] = [];
    let least = 0;
    for (const [id, worth] of ranked) {
      if (worth < least || visible.length === limit) break;
      const entry = entries.get(id);
      if (!entry || !isWanted(entry)) continue;
      if (visible.length === 0) least = worth * LEAST_WORTH;
      visible.push(entry);
    }
    return visible;
  };
}
