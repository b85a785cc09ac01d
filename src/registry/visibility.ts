/** What a caller may see: lists leave the rest out, and calls deny that it exists. @module */

import type { Caller } from "./caller.ts";
import type { Tool } from "./definition.ts";

const reach = { read: 0, write: 1, destructive: 2 } as const;

/** The categories of other peers begin with this; no other category's name does. */
export const PEER_PREFIX = "peer:";

/** Whether a caller's grant reaches a category at all. */
export function seesCategory({ grant }: Caller, category: string): boolean {
  if (grant.peer && category.startsWith(PEER_PREFIX)) return false;
  return grant.categories === "*" || grant.categories.has(category);
}

/** Whether a caller's grant reaches a tool; one that does not is not listed. */
export function seesTool(caller: Caller, category: string, tool: Tool): boolean {
  if (!seesCategory(caller, category)) return false;
  const { access, peer } = caller.grant;
  if ((peer?.isGeneral ?? true) && reach[access] >= reach[tool.access]) return true;
  return peer !== undefined && (peer.categories.includes(category) || opens(peer.tools, tool.name));
}

function opens(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    if (!pattern.includes("*")) return pattern === name;
    const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(name);
  });
}

/**
 * Whether a caller that names a tool out of its reach is told what it lacks. To others, such a tool
 * does not exist; a peer's owner must learn which rule to ask for.
 */
export function isToldWhy({ grant }: Caller): boolean {
  return grant.peer !== undefined;
}

/**
 * Whether an error may name a tool. Before it is loaded, how far it goes is unknown: it is then
 * named to those only who may go as far as any tool does.
 */
export function mayName(caller: Caller, category: string, tool: Tool | undefined): boolean {
  if (tool) return seesTool(caller, category, tool);
  return caller.grant.access === "destructive" && seesCategory(caller, category);
}
