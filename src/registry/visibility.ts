/** What a caller may see: lists leave the rest out, and calls deny that it exists. @module */

import type { Caller } from "./caller.ts";
import type { Tool } from "./definition.ts";

const reach = { read: 0, write: 1, destructive: 2 } as const;

/** Whether a caller's grant reaches a category at all. */
export function seesCategory({ grant }: Caller, category: string): boolean {
  return grant.categories === "*" || grant.categories.has(category);
}

/** Whether a caller's grant reaches a tool; one that does not is neither listed nor named. */
export function seesTool(caller: Caller, category: string, tool: Tool): boolean {
  const { access } = caller.grant;
  return seesCategory(caller, category) && reach[access] >= reach[tool.access];
}

/**
 * Whether an error may name a tool. Before it is loaded, how far it goes is unknown: it is then
 * named to those only who may go as far as any tool does.
 */
export function mayName(caller: Caller, category: string, tool: Tool | undefined): boolean {
  if (tool) return seesTool(caller, category, tool);
  return caller.grant.access === "destructive" && seesCategory(caller, category);
}
