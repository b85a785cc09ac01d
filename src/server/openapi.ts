/** The registry as an OpenAPI 3.1 document: every tool a path with its own schemas. @module */

import type { RegisteredTool } from "../registry/registry.ts";
import { componentSchema } from "./openapi-schema.ts";

/** Any part of an OpenAPI document. */
export type OpenApi = Readonly<Record<string, unknown>>;

/** What the document says about the server itself. */
export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  /** Whether callers need a bearer token. */
  readonly isAuthOn: boolean;
}

const ref = (name: string): OpenApi => ({ $ref: `#/components/${name}` });

const json = (schema: OpenApi, example?: unknown): OpenApi => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});

const errorSchema: OpenApi = {
  type: "object",
  required: ["code", "message"],
  properties: {
    code: { type: "string", description: "Stable; says what happened" },
    message: { type: "string", description: "A sentence; says what to do" },
    data: { type: "object", description: "Facts for programs" },
  },
};

const contentSchema: OpenApi = {
  type: "array",
  items: { type: "object", required: ["type"], properties: { type: { type: "string" } } },
};

const errorAnswers: OpenApi = Object.fromEntries(
  [
    ["400", "The parameters are wrong"],
    ["401", "Credentials are missing or wrong"],
    ["403", "The caller lacks a right"],
    ["404", "There is no such tool"],
    ["422", "The tool ran and failed"],
    ["429", "Too many calls: try again after Retry-After"],
    ["default", "Any other failure"],
  ].map(([status, description]) => [status, { description, content: json(ref("schemas/Error")) }]),
);

/** One tool as `POST /tools/<name>`, and the schemas it refers to. */
function toolPath({ name, category, tool }: RegisteredTool): { path: OpenApi; schemas: OpenApi } {
  const input = componentSchema(tool.inputSchema, `${name}.input`);
  const output = tool.outputSchema && componentSchema(tool.outputSchema, `${name}.output`);
  const result: OpenApi = {
    type: "object",
    required: output ? ["content", "structuredContent"] : ["content"],
    properties: {
      content: ref("schemas/Content"),
      structuredContent: output?.schema ?? {},
    },
  };
  const post: OpenApi = {
    operationId: name,
    tags: [category],
    summary: tool.summary,
    description: tool.description,
    requestBody: { required: true, content: json(input.schema, tool.example) },
    responses: { "200": { description: "The result", content: json(result) }, ...errorAnswers },
  };
  return { path: { post }, schemas: { ...input.components, ...output?.components } };
}

const listParameters: readonly OpenApi[] = [
  ["query", "What the tool should do, in plain words", { type: "string" }],
  ["category", "Only tools of this category", { type: "string" }],
  ["limit", "How many", { type: "integer", minimum: 1, maximum: 200, default: 50 }],
  ["cursor", "nextCursor of the page before", { type: "string" }],
].map(([name, description, schema]) => ({ name, in: "query", description, schema }));

const listPath: OpenApi = {
  get: {
    operationId: "rest.list",
    summary: "Find tools",
    parameters: listParameters,
    responses: {
      "200": { description: "Tools, and where the next page begins", content: json({}) },
      ...errorAnswers,
    },
  },
};

/** The document for these tools. */
export function openApiOf(tools: readonly RegisteredTool[], info: ApiInfo): OpenApi {
  const operations = tools.map((entry) => [entry.name, toolPath(entry)] as const);
  const categories = [...new Set(tools.map(({ category }) => category))];
  return {
    openapi: "3.1.0",
    info: { title: info.title, version: info.version },
    ...(info.isAuthOn && { security: [{ bearer: [] }] }),
    tags: categories.map((name) => ({ name })),
    paths: {
      "/tools": listPath,
      ...Object.fromEntries(operations.map(([name, { path }]) => [`/tools/${name}`, path])),
    },
    components: {
      ...(info.isAuthOn && { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } }),
      schemas: {
        Error: errorSchema,
        Content: contentSchema,
        ...Object.assign({}, ...operations.map(([, { schemas }]) => schemas)),
      },
    },
  };
}
