/**
 * OAuth scopes and what they open: `mcp:read`, `mcp:write`, `mcp:destructive` say how far,
 * `mcp:category:<name>` says where (without one: everywhere), and any other `mcp:<ability>`,
 * such as `mcp:admin`, names a right.
 *
 * @module
 */

import type { Access, Grant } from "../registry/caller.ts";

const CATEGORY = "mcp:category:";
const SCOPE = "mcp:";

/** From the farthest; a caller may do what the farthest of its scopes says. */
const ACCESSES: readonly Access[] = ["destructive", "write", "read"];

/** Scopes that an authorization server should know for this one. */
export const SCOPES: readonly string[] = ["mcp:read", "mcp:write", "mcp:destructive", "mcp:admin"];

/** The least that a token must carry. */
export const LEAST_SCOPE = "mcp:read";

/** The scope that gives a named right. */
export function scopeOf(ability: string): string {
  return `${SCOPE}${ability}`;
}

/** What these scopes open; `undefined` where they open nothing. */
export function grantOf(scopes: readonly string[]): Grant | undefined {
  const access = ACCESSES.find((level) => scopes.includes(scopeOf(level)));
  if (!access) return undefined;
  const own = scopes.filter((scope) => scope.startsWith(SCOPE));
  const categories = own.filter((scope) => scope.startsWith(CATEGORY));
  const abilities = own
    .filter((scope) => !scope.startsWith(CATEGORY))
    .map((scope) => scope.slice(SCOPE.length))
    .filter((name) => !ACCESSES.some((level) => level === name));
  return {
    categories:
      categories.length === 0
        ? "*"
        : new Set(categories.map((scope) => scope.slice(CATEGORY.length))),
    access,
    abilities: new Set(abilities),
  };
}
