/** The registry with the meta-tools in front of it, as the spine of calls sees it. @module */

import type { Tool } from "../registry/definition.ts";
import { META_ALIASES } from "../registry/meta-tools.ts";
import type { RegisteredTool, Registry } from "../registry/registry.ts";

/** The category under which calls of meta-tools are counted; it is never listed. */
export const META_CATEGORY = "meta";

/** Looks up meta-tools and their aliases first. */
export function withMetaTools(
  registry: Pick<Registry, "loaded" | "resolve">,
  metaTools: ReadonlyMap<string, Tool>,
): Pick<Registry, "loaded" | "resolve"> {
  const entries = new Map<string, RegisteredTool>();
  for (const [name, tool] of metaTools) entries.set(name, { name, category: META_CATEGORY, tool });
  for (const [alias, name] of META_ALIASES) {
    const entry = entries.get(name);
    if (entry) entries.set(alias, entry);
  }
  return {
    loaded: (name, caller) => entries.get(name) ?? registry.loaded(name, caller),
    resolve: async (name, caller, category) =>
      (category === undefined ? entries.get(name) : undefined) ??
      registry.resolve(name, caller, category),
  };
}
