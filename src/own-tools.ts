/** The tools of the program around a server, as a category of that server. @module */

import { InputError } from "./errors.ts";
import type { Category } from "./registry/category.ts";
import type { Tool } from "./registry/definition.ts";
import { META_NAMES } from "./registry/meta-tools.ts";

/** The category `name` with these tools, beside `others`; throws where a name is already taken. */
export function ownCategory(
  name: string,
  tools: readonly Tool[],
  others: readonly Category[],
): Category {
  if (others.some((other) => other.name === name)) {
    throw new InputError(
      "invalid_input",
      `"${name}" is the name of a built-in category: give your tools another one with "category"`,
      { data: { category: name } },
    );
  }
  const taken = new Set(META_NAMES);
  for (const tool of tools) {
    if (taken.has(tool.name)) throw duplicateTool(tool.name);
    taken.add(tool.name);
  }
  return {
    name,
    title: "Own tools",
    description: `Tools of this server: ${tools.map((tool) => tool.title).join(", ")}`.slice(
      0,
      200,
    ),
    source: "builtin",
    runtime: "local",
    toolNames: tools.map((tool) => tool.name),
    load: async () => tools,
  };
}

function duplicateTool(tool: string): InputError {
  const message = META_NAMES.has(tool)
    ? `"${tool}" is the name of a meta-tool: call your tool something else`
    : `There are two tools "${tool}": call one of them something else`;
  return new InputError("duplicate_tool", message, { data: { tool } });
}
