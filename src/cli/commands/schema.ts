/** `mcpp schema`: a tool's parameters, its result, and a call to start from. @module */

import { describeTool, exampleOf } from "../../registry/meta-tools.ts";
import type { RegisteredTool } from "../../registry/registry.ts";
import type { CliContext } from "../context.ts";
import type { AppFlags } from "../flags.ts";
import { withApp } from "../open-app.ts";
import { type Output, oneLine, printable } from "../output.ts";
import { resolveTool } from "../resolve-tool.ts";
import { formatTable } from "../table.ts";

type Json = Readonly<Record<string, unknown>>;

/** `mcpp schema <tool>`. */
export function schema(this: CliContext, flags: AppFlags, name: string): Promise<void> {
  return withApp(this, flags, async (app) => {
    const registered = await resolveTool(this, app, name, undefined);
    if (flags.json) {
      return this.output.json(await describeTool(registered, app.config.limits.timeoutMs));
    }
    return this.output.result(describe(registered, this.output));
  });
}

function describe({ name, category, tool }: RegisteredTool, output: Output): string {
  const { bold, dim } = output.style;
  const parameters = fieldsOf(tool.inputSchema, output);
  const result = fieldsOf(tool.outputSchema ?? {}, output);
  return [
    `${bold(name)}  ${dim(`${category} · ${tool.access}`)}`,
    printable(tool.description),
    ...(parameters.length > 0 ? ["", dim("PARAMETERS"), ...parameters] : []),
    ...(result.length > 0 ? ["", dim("RESULT"), ...result] : []),
    "",
    `  mcpp call ${name}${exampleWords(exampleOf(tool))}`,
  ].join("\n");
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `string`, `"a" | "b"`, `number[]`: a schema in a word. */
function typeOf(schema: unknown): string {
  if (!isObject(schema)) return "any";
  const { type, anyOf, oneOf, items } = schema;
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) return options.map(typeOf).join(" | ");
  if (Array.isArray(schema.enum))
    return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (type === "array") return `${typeOf(items)}[]`;
  return Array.isArray(type) ? type.join(" | ") : typeof type === "string" ? type : "any";
}

/** The properties of a schema, one line each; required ones carry a star. */
function fieldsOf(schema: Json, { columns, style }: Output): readonly string[] {
  const { properties, required } = schema;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const rows = Object.entries(isObject(properties) ? properties : {}).map(([name, property]) => {
    const { description, default: fallback } = isObject(property) ? property : {};
    const suffix = fallback === undefined ? "" : ` (default ${JSON.stringify(fallback)})`;
    const words = typeof description === "string" ? description : "";
    return [
      oneLine(name) + (needed.includes(name) ? "*" : ""),
      oneLine(typeOf(property)),
      oneLine(words + suffix),
    ];
  });
  const paint = (cell: string, column: number): string => (column === 1 ? style.dim(cell) : cell);
  return formatTable(rows, { columns, indent: "  ", paint });
}

/** An input as the words of a command line. */
function exampleWords(input: Json): string {
  return Object.entries(input)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const word = `${name}=${text}`;
      return ` --param ${/^[\w=./:@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`}`;
    })
    .join("");
}
