/**
 * The four meta-tools as a model sees them.
 *
 * Written by hand: together they may cost a model 400 tokens at most, and
 * `tests/unit/registry/meta-tools.test.ts` counts them.
 *
 * @module
 */

/** What `tools/list` shows in the meta view: the whole cost of this server in a model's context. */
export const META_DEFINITIONS: readonly Readonly<Record<string, unknown>>[] = [
  {
    name: "list_categories",
    description: "List tool categories.",
    inputSchema: { type: "object", properties: {} },
    annotations: { readOnlyHint: true },
  },
  {
    name: "list_tools",
    description: "Find tools: by a query in plain words, or all of a category.",
    inputSchema: {
      type: "object",
      properties: {
        query: { type: "string" },
        category: { type: "string" },
        limit: { type: "integer", default: 50 },
        cursor: { type: "string" },
      },
    },
    annotations: { readOnlyHint: true },
  },
  {
    name: "get_schema",
    description: "Get a tool's parameters, result and an example. Ask before the first dispatch.",
    inputSchema: {
      type: "object",
      properties: { tool: { type: "string" } },
      required: ["tool"],
    },
    annotations: { readOnlyHint: true },
  },
  {
    name: "dispatch",
    description: "Call a tool by name with its params, or several at once with calls.",
    inputSchema: {
      type: "object",
      properties: {
        tool: { type: "string" },
        params: { type: "object" },
        peer: { type: "string" },
        calls: {
          type: "array",
          items: {
            type: "object",
            properties: { tool: { type: "string" }, params: { type: "object" } },
          },
        },
      },
    },
  },
];
