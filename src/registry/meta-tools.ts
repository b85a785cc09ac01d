/**
 * The four tools that a model sees instead of hundreds: find a category, find a tool, read its
 * schema, call it.
 *
 * @module
 */

import * as v from "valibot";
import { InputError } from "../errors.ts";
import type { Availability } from "./category.ts";
import { defineTool, type Tool } from "./definition.ts";
import { interfaceCid } from "./interfaces.ts";
import type { RegisteredTool, Registry } from "./registry.ts";
import { runtimeOf } from "./runtime-of.ts";
import type { Search } from "./search.ts";

/** What the meta-tools need. */
export interface MetaToolNeeds {
  readonly registry: Registry;
  readonly search: Search;
  /** For tools that name no time of their own, as `get_schema` shows it. */
  readonly timeoutMs: () => number;
}

const readOnly = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const;

/** Names that no mounted tool may take. */
export const META_NAMES: ReadonlySet<string> = new Set([
  "list_categories",
  "list_tools",
  "get_schema",
  "dispatch",
]);

/** Names of the Python ancestor, accepted in calls and never listed. */
export const META_ALIASES: ReadonlyMap<string, string> = new Map(
  [...META_NAMES].map((name) => [`tools_${name}`, name]),
);

function availabilityOf(state: Availability): { available: boolean; reason?: string } {
  return state.available ? { available: true } : { available: false, reason: state.reason };
}

function listCategories({ registry }: MetaToolNeeds): Tool {
  return defineTool({
    name: "list_categories",
    description: "List tool categories",
    input: v.object({ includeCount: v.optional(v.boolean(), true) }),
    annotations: readOnly,
    example: {},
    run: ({ includeCount }, { caller }) => ({
      categories: registry.categories(caller).map((category) => ({
        name: category.name,
        title: category.title,
        description: category.description,
        ...(includeCount && { toolCount: category.toolCount }),
        runtime: category.runtime,
        source: category.source,
        ...availabilityOf(category.availability),
      })),
    }),
  });
}

/** Hits of a query, over all pages. */
const MAX_FOUND = 200;

/** A cursor is the name after which the next page begins; names are in a fixed order. */
function pageAfter<T extends { readonly name: string }>(
  items: readonly T[],
  limit: number,
  cursor: string | undefined,
): { page: readonly T[]; nextCursor?: string } {
  const at = cursor === undefined ? 0 : items.findIndex(({ name }) => name === cursor) + 1;
  if (cursor !== undefined && at === 0) {
    throw new InputError(
      "invalid_input",
      `"${cursor}" is no cursor of this list; leave it out to begin again`,
      {
        data: { path: "/cursor" },
      },
    );
  }
  const page = items.slice(at, at + limit);
  const last = page.at(-1);
  return last && at + limit < items.length ? { page, nextCursor: last.name } : { page };
}

function listTools({ registry, search }: MetaToolNeeds): Tool {
  return defineTool({
    name: "list_tools",
    description: "Find tools by query in plain words, or list a category",
    input: v.object({
      category: v.optional(v.string()),
      query: v.optional(v.string()),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)), 50),
      cursor: v.optional(v.string()),
    }),
    annotations: readOnly,
    example: { query: "read a file" },
    async run({ category, query, limit, cursor }, { caller }) {
      const asked = query?.trim() ?? "";
      // A category that does not exist is an error with a query too.
      const listed = asked === "" || category ? await registry.list(caller, category) : [];
      const chosen = asked === "" ? listed : await search(asked, caller, MAX_FOUND, category);
      const { page, nextCursor } = pageAfter(chosen, limit, cursor);
      return {
        tools: page.map(({ name, category: from, tool }) => ({
          name,
          category: from,
          description: tool.summary,
          annotations: tool.annotations,
        })),
        ...(nextCursor !== undefined && { nextCursor }),
      };
    },
  });
}

/** An input that a caller can start from: the author's, or one value per required parameter. */
export function exampleOf(tool: Tool): Readonly<Record<string, unknown>> {
  if (tool.example) return tool.example;
  const { properties = {}, required = [] } = tool.inputSchema as {
    properties?: Record<string, Record<string, unknown>>;
    required?: readonly string[];
  };
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
}

const SAMPLES: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ["string", "…"],
  ["number", 1],
  ["integer", 1],
  ["boolean", true],
  ["array", []],
  ["object", {}],
]);

function sampleOf(schema: Readonly<Record<string, unknown>>): unknown {
  if ("default" in schema) return schema.default;
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (Array.isArray(schema.examples)) return schema.examples[0];
  return SAMPLES.get(schema.type) ?? null;
}

/** A tool in full, as `get_schema` shows it. */
export async function describeTool(
  { name, category, tool }: RegisteredTool,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  return {
    name,
    category,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.inputSchema,
    ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
    annotations: tool.annotations,
    runtime: runtimeOf(tool),
    ...(tool.peer !== undefined && { peer: tool.peer }),
    timeoutMs: tool.routing.timeoutMs ?? timeoutMs,
    ...(tool.routing.ability && { ability: tool.routing.ability }),
    example: { tool: name, params: exampleOf(tool) },
    interfaceCid: await interfaceCid(tool),
  };
}

function getSchema({ registry, timeoutMs }: MetaToolNeeds): Tool {
  return defineTool({
    name: "get_schema",
    description: "Get a tool's parameters, result and an example",
    input: v.object({
      tool: v.optional(v.string()),
      tools: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(20))),
      category: v.optional(v.string()),
    }),
    annotations: readOnly,
    example: { tool: "monitoring_health" },
    async run({ tool, tools, category }, { caller }) {
      const describe = async (name: string): Promise<Readonly<Record<string, unknown>>> =>
        describeTool(await registry.resolve(name, caller, category), timeoutMs());
      if (tools) return { tools: await Promise.all(tools.map(describe)) };
      if (tool !== undefined) return describe(tool);
      throw new InputError(
        "invalid_input",
        '"get_schema" takes "tool", a name, or "tools", up to 20',
        {
          data: { path: "/tool", expected: ["tool", "tools"] },
        },
      );
    },
  });
}

/** The meta-tools that are tools of their own; `dispatch` stands for the call inside it. */
export function createMetaTools(needs: MetaToolNeeds): ReadonlyMap<string, Tool> {
  const tools = [listCategories(needs), listTools(needs), getSchema(needs)];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
