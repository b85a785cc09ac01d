/**
 * The names under which clients see tools: unique, at most 64 characters, `[A-Za-z0-9_-]`.
 *
 * @module
 */

import type { Category } from "./category.ts";

/** What MCP hosts accept in the field; the specification allows more. */
export const MAX_NAME_LENGTH = 64;

/** FNV-1a, enough to keep two shortened names apart; not for security. */
function shortHash(value: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(value)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(36).padStart(7, "0");
}

/** `name` in the accepted alphabet and length; different names stay different. */
export function acceptedName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  if (plain === name && name.length <= MAX_NAME_LENGTH && name.length > 0) return name;
  const hash = shortHash(name);
  return `${plain.slice(0, MAX_NAME_LENGTH - hash.length - 1)}_${hash}`;
}

/**
 * Exposed name → category and own name, in the order of categories.
 *
 * A tool keeps its own name where no other category has that name. Where mounted servers clash,
 * each of them is qualified (`github_search`); a built-in tool always keeps its name, so that a
 * mounted server can never take the place of one.
 */
export function exposeNames(
  categories: readonly Category[],
): ReadonlyMap<string, { readonly category: string; readonly own: string }> {
  const owners = new Map<string, number>();
  for (const { toolNames } of categories) {
    for (const own of new Set(toolNames.map(acceptedName)))
      owners.set(own, (owners.get(own) ?? 0) + 1);
  }
  const exposed = new Map<string, { category: string; own: string }>();
  const claim = (name: string, category: string, own: string): void => {
    const free = exposed.has(name) ? acceptedName(`${name} ${category} ${own}`) : name;
    exposed.set(free, { category, own });
  };
  // Built-in names are claimed first, whatever the order of categories.
  const keepsName = (category: Category, own: string): boolean =>
    category.source === "builtin" || owners.get(acceptedName(own)) === 1;
  for (const category of categories) {
    for (const own of category.toolNames) {
      if (category.source === "builtin") claim(acceptedName(own), category.name, own);
    }
  }
  for (const category of categories) {
    if (category.source === "builtin") continue;
    for (const own of category.toolNames) {
      const name = keepsName(category, own) ? own : `${category.name}_${own}`;
      claim(acceptedName(name), category.name, own);
    }
  }
  return exposed;
}
