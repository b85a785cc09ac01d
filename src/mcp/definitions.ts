/** Tools as `tools/list` shows them, made once each. @module */

import type { Tool } from "../registry/definition.ts";
import type { RegisteredTool } from "../registry/registry.ts";

/** An MCP `Tool` object. */
export type WireTool = Readonly<Record<string, unknown>>;

const made = new WeakMap<Tool, WireTool>();

/** The MCP definition of a tool under its exposed name. */
export function definitionOf({ name, tool }: RegisteredTool): WireTool {
  const known = made.get(tool);
  if (known?.name === name) return known;
  const definition: WireTool = {
    ...tool.extra,
    name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.inputSchema,
    ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
    annotations: tool.annotations,
  };
  made.set(tool, definition);
  return definition;
}
