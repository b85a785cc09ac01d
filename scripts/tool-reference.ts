/**
 * Writes docs/tools.md from the catalog: `node scripts/tool-reference.ts`.
 *
 * `--check` writes nothing and fails where the file says something else.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { META_DEFINITIONS } from "../src/registry/meta-definitions.ts";
import type { Category, Tool } from "../src/tool.ts";
import { catalog } from "../tools/mod.ts";

type Json = Readonly<Record<string, unknown>>;

const FILE = new URL("../docs/tools.md", import.meta.url);

const INTRODUCTION = `# Tools

<!-- Written by scripts/tool-reference.ts from the tools themselves; change it there. -->

Clients see four meta-tools; everything else is found with \`list_tools\` and called with
\`dispatch\`. \`mcpp schema <tool>\` and \`get_schema\` show the same as this page, complete with JSON
Schema. A \`*\` marks what must be given.
`;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A cell holds one line, and a bar would end it. */
const cell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");

/** `string`, `"a" | "b"`, `{path, format?}`, `number[]`: a schema in a word. */
function typeOf(schema: unknown): string {
  if (!isObject(schema)) return "any";
  const { type, items, properties } = schema;
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(options)) return options.map(typeOf).join(" | ");
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (type === "array") return `${inBrackets(typeOf(items))}[]`;
  if (isObject(properties) && Object.keys(properties).length > 0) return membersOf(schema);
  return typeof type === "string" ? type : "any";
}

const inBrackets = (type: string): string => (type.includes(" | ") ? `(${type})` : type);

function membersOf(schema: Json): string {
  const needed = requiredOf(schema);
  const names = Object.keys(schema.properties as Json);
  return `{${names.map((name) => (needed.has(name) ? name : `${name}?`)).join(", ")}}`;
}

function requiredOf({ required }: Json): ReadonlySet<unknown> {
  return new Set(Array.isArray(required) ? required : []);
}

/** Bounds and default of a parameter, for those who write a call by hand. */
function boundsOf(property: Json): string {
  const { minimum, maximum, maxItems, maxLength } = property;
  const range =
    minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : undefined;
  const words = [
    range,
    range === undefined && minimum !== undefined && `at least ${minimum}`,
    maxItems !== undefined && `at most ${maxItems} items`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    property.default !== undefined && `default ${JSON.stringify(property.default)}`,
  ].filter((word) => typeof word === "string");
  return words.join(", ");
}

/** The words of a schema, or of its members where it has none of its own. */
function descriptionOf(schema: Json): string {
  if (typeof schema.description === "string") return schema.description;
  const members = Object.entries(isObject(schema.properties) ? schema.properties : {});
  const described = members.flatMap(([name, member]) =>
    isObject(member) && typeof member.description === "string"
      ? [`${name}: ${member.description}`]
      : [],
  );
  return described.join("; ");
}

function parametersOf({ inputSchema }: Tool): readonly string[] {
  const properties = Object.entries((inputSchema.properties ?? {}) as Json);
  if (properties.length === 0) return ["It takes no parameters."];
  const needed = requiredOf(inputSchema);
  const rows = properties.map(([name, property]) => {
    const schema = isObject(property) ? property : {};
    const words = descriptionOf(schema);
    const star = needed.has(name) ? "\\*" : "";
    const said = [words, boundsOf(schema)].filter(Boolean).join("; ");
    return `| \`${name}\`${star} | \`${cell(typeOf(property))}\` | ${cell(said)} |`;
  });
  return ["| Parameter | Type | What it is |", "|---|---|---|", ...rows];
}

/** What a client may think of a tool before it calls it. */
function hintsOf({ annotations, access, routing }: Tool): string {
  const words = [
    access === "read" ? "reads only" : access === "write" ? "writes" : "may destroy",
    annotations.idempotentHint === true && access !== "read" && "idempotent",
    annotations.openWorldHint === true && "reaches beyond this server",
    routing.ability && `needs the ability \`${routing.ability}\``,
    routing.timeoutMs && `stops after ${routing.timeoutMs} ms`,
  ];
  return words.filter(Boolean).join(" · ");
}

function describeTool(tool: Tool): readonly string[] {
  const { name, title, description, outputSchema, example } = tool;
  const call = JSON.stringify({ tool: name, params: example ?? {} });
  return [
    `### \`${name}\` — ${title}`,
    "",
    `${description.replace(/\.?$/, ".")} (${hintsOf(tool)})`,
    "",
    ...parametersOf(tool),
    "",
    ...(outputSchema ? [`Result: \`${typeOf(outputSchema)}\``, ""] : []),
    "```json",
    call,
    "```",
    "",
  ];
}

async function describeCategory(category: Category): Promise<readonly string[]> {
  const { name, title, description } = category;
  const tools = await category.load();
  return [`## ${title}: \`${name}\``, "", `${description}.`, "", ...tools.flatMap(describeTool)];
}

const metaRows = META_DEFINITIONS.map(
  ({ name, description }) => `| \`${String(name)}\` | ${cell(String(description))} |`,
);

/** The text of docs/tools.md. */
export async function toolReference(): Promise<string> {
  const categories = await Promise.all(catalog.map(describeCategory));
  const lines = [
    INTRODUCTION,
    "## Meta-tools",
    "",
    "| Tool | What it does |",
    "|---|---|",
    ...metaRows,
    "",
    ...categories.flat(),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

async function check(): Promise<void> {
  if ((await readFile(FILE, "utf8").catch(() => "")) === (await toolReference())) return;
  console.error("docs/tools.md is not what the tools say: run node scripts/tool-reference.ts");
  process.exitCode = 1;
}

if (import.meta.main) {
  if (process.argv.includes("--check")) await check();
  else await writeFile(FILE, await toolReference());
}
