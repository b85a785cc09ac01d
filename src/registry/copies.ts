/** Tools that this server and its peers all have. @module */

import type { RegisteredTool } from "./registry.ts";

/**
 * Each tool once: servers of a mesh have the same built-in tools, and nobody looks for the fourth
 * copy of one. Ours stays; of those that only peers have, the first, whose own name finds the best
 * peer. A category lists its copies all the same.
 */
export function withoutCopies(tools: readonly RegisteredTool[]): readonly RegisteredTool[] {
  const known = new Set(tools.flatMap(({ tool }) => (tool.peer === undefined ? [tool.name] : [])));
  return tools.filter(({ tool }) => {
    if (tool.peer === undefined) return true;
    if (known.has(tool.name)) return false;
    known.add(tool.name);
    return true;
  });
}
