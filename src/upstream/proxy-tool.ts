/** A mounted server's tool as a tool of ours. @module */

import type { ToolOverride } from "../config/mcp-servers.ts";
import { accessOf, type Tool, type ToolAnnotations } from "../registry/definition.ts";
import type { JsonSchema } from "../registry/json-schema.ts";
import type { Listed } from "./catalog.ts";
import { paramHeadersOf } from "./param-headers.ts";
import { cleanJson, cleanText, cut, cutTexts, type Stripped, withoutReserved } from "./sanitize.ts";
import { type Check, compileCheck, refuseInput, refuseOutput } from "./schema-check.ts";
import type { ToolCalls } from "./tool-calls.ts";

/** What a proxy needs beside the definition. */
export interface ProxyNeeds {
  readonly upstream: string;
  readonly calls: Pick<ToolCalls, "call">;
  readonly timeoutMs: number;
  readonly override: ToolOverride;
  /** Throws where the tool must not run. */
  readonly admit: () => void;
  readonly stripped: Stripped;
}

const MAX_TITLE = 200;
const MAX_SUMMARY = 100;
const MAX_DESCRIPTION = 10_000;
const MAX_SCHEMA_TEXT = 4_000;

/** A tool of ours that runs at its server. */
export function createProxyTool(listed: Listed, needs: ProxyNeeds): Tool {
  const { upstream, calls, timeoutMs, admit, stripped } = needs;
  const cleaned = cleanJson(listed, stripped) as Listed;
  const name = String(cleaned.name);
  const annotations = annotationsOf(cleaned, needs.override);
  const description = cut(textOf(cleaned.description), MAX_DESCRIPTION);
  const inputSchema = schemaOf(cleaned.inputSchema) ?? { type: "object" };
  const outputSchema = schemaOf(cleaned.outputSchema);
  const extra = extraOf(cleaned);
  // Compiled on first use: most tools of a server are never called.
  let checkInput: Check | undefined;
  let checkOutput: Check | undefined;
  const remote = { name: String(listed.name), paramHeaders: paramHeadersOf(inputSchema) };
  return {
    name,
    title: cut(
      textOf(needs.override.title ?? cleaned.title ?? annotations.title ?? name),
      MAX_TITLE,
    ),
    summary: summaryOf(description),
    description,
    inputSchema,
    ...(outputSchema && { outputSchema }),
    annotations,
    routing: { runtime: "local", timeoutMs },
    access: accessOf(annotationsOf({}, needs.override)),
    isInteractive: true,
    ...(extra && { extra }),
    parse(input) {
      const given = input ?? {};
      checkInput ??= compileCheck(inputSchema);
      const flaw = checkInput(given);
      if (flaw) refuseInput(name, flaw);
      return given;
    },
    async run(input, context) {
      admit();
      const result = await calls.call(remote, input, context);
      const isFinal = result.isError !== true && result.resultType === undefined;
      if (outputSchema && isFinal) {
        checkOutput ??= compileCheck(outputSchema);
        const flaw = checkOutput(result.structuredContent);
        if (flaw) refuseOutput(name, upstream, flaw);
      }
      return result;
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function schemaOf(value: unknown): JsonSchema | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return cutTexts(value, MAX_SCHEMA_TEXT) as JsonSchema;
}

/** The first sentence, on one line. */
function summaryOf(description: string): string {
  const line = description.replaceAll(/\s+/g, " ").trim();
  const sentence = /^(.+?[.!?])(?:\s|$)/.exec(line)?.[1] ?? line;
  return cut(sentence, MAX_SUMMARY);
}

const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

/**
 * What clients are told of the tool: the server's own hints, replaced by ours where there are any.
 * What a caller may do is decided by ours alone, because a server can call anything read-only.
 */
function annotationsOf({ annotations }: Listed, override: ToolOverride): ToolAnnotations {
  const own = typeof annotations === "object" && annotations !== null ? annotations : {};
  const told = own as Readonly<Record<string, unknown>>;
  const merged: Record<string, boolean | string> = {};
  const title = override.title ?? told.title;
  if (typeof title === "string") merged.title = cut(title, MAX_TITLE);
  for (const hint of hints) {
    const value = override[hint] ?? told[hint];
    if (typeof value === "boolean") merged[hint] = value;
  }
  return merged;
}

/** Icons and `_meta` go to our clients as they are. */
function extraOf({ icons, _meta }: Listed): Readonly<Record<string, unknown>> | undefined {
  const meta = withoutReserved(_meta);
  if (icons === undefined && !meta) return undefined;
  return { ...(icons !== undefined && { icons }), ...(meta && { _meta: meta }) };
}

/** Which tools of a server are mounted: `*` stands for anything. */
export function isMounted(
  name: string,
  {
    include,
    exclude,
  }: {
    readonly include?: readonly string[] | undefined;
    readonly exclude?: readonly string[] | undefined;
  } = {},
): boolean {
  const matches = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => globOf(pattern).test(name));
  return (!include || matches(include)) && !(exclude && matches(exclude));
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** The name of a listed tool as clients see it; undefined where it has none that can be shown. */
export function nameOf({ name }: Listed): string | undefined {
  if (typeof name !== "string") return undefined;
  const cleaned = cleanText(name, { count: 0 });
  return cleaned.length > 0 && cleaned.length <= 128 ? cleaned : undefined;
}
