/**
 * Writes docs/workflow.schema.json, by which editors check workflows: `node scripts/workflow-schema.ts`.
 *
 * `--check` writes nothing and fails where the file says something else.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { type JsonSchema, schemaOf } from "../src/registry/json-schema.ts";
import { workflowSchema } from "../src/workflow/schema.ts";

const FILE = new URL("../docs/workflow.schema.json", import.meta.url);

/** What a node can do; it does one of these. */
const KINDS = ["tool", "map", "branch", "loop", "sub", "wait", "collect"];

/** What it says of a part, with more said of it. */
function changed(
  schema: JsonSchema,
  path: readonly string[],
  change: (part: JsonSchema) => JsonSchema,
): JsonSchema {
  const [key, ...rest] = path;
  if (key === undefined) return change(schema);
  if (!Object.hasOwn(schema, key)) throw new Error(`The schema has no ${path.join("/")}`);
  return { ...schema, [key]: changed(schema[key] as JsonSchema, rest, change) };
}

/** The text of docs/workflow.schema.json. */
export function workflowJsonSchema(): string {
  const written = schemaOf(workflowSchema, "input");
  const node = ["properties", "nodes", "items"];
  // valibot has no word for either of these; `src/workflow/written.ts` checks both.
  const ofOneKind = changed(written, node, (part) => ({
    ...part,
    oneOf: KINDS.map((kind) => ({ required: [kind] })),
  }));
  const within = [...node, "properties", "sub", "properties", "workflow"];
  const nested = changed(ofOneKind, within, ({ description }) => ({
    description,
    anyOf: [{ type: "string" }, { $ref: "#" }],
  }));
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A workflow of mcplusplus",
    ...nested,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

async function check(): Promise<void> {
  if ((await readFile(FILE, "utf8").catch(() => "")) === workflowJsonSchema()) return;
  console.error(
    "docs/workflow.schema.json is not what the code says: run node scripts/workflow-schema.ts",
  );
  process.exitCode = 1;
}

if (import.meta.main) {
  if (process.argv.includes("--check")) await check();
  else await writeFile(FILE, workflowJsonSchema());
}
