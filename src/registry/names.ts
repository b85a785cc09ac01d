/**
 * The names under which clients see tools: unique, at most 64 characters, `[A-Za-z0-9_-]`.
 *
 * @module
 */

import type { Category } from "./category.ts";
import { PEER_PREFIX } from "./visibility.ts";

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

/** Where an exposed name leads. */
export interface NameTarget {
  readonly category: string;
  readonly own: string;
}

function pairs(categories: readonly Category[]): NameTarget[] {
  return categories.flatMap(({ name, toolNames }) =>
    [...new Set(toolNames)].map((own) => ({ category: name, own })),
  );
}

/**
 * Exposed name → category and own name: built-in categories first, then the others by name.
 *
 * A tool keeps its own name where no other category has that name. Where mounted servers clash,
 * each of them is qualified (`github_search`); built-in and reserved names are never given away,
 * so that a mounted server cannot take the place of a tool that people trust.
 */
export function exposeNames(
  categories: readonly Category[],
  reserved: ReadonlySet<string>,
): ReadonlyMap<string, NameTarget> {
  const builtin = pairs(categories.filter(({ source }) => source === "builtin"));
  const others = categories.filter(({ source }) => source !== "builtin");
  const mounted = pairs(others.toSorted((a, b) => (a.name < b.name ? -1 : 1)));

  const owners = new Map<string, number>([...reserved].map((name) => [name, 1]));
  for (const { own } of [...builtin, ...mounted]) {
    const name = acceptedName(own);
    owners.set(name, (owners.get(name) ?? 0) + 1);
  }

  const exposed = new Map<string, NameTarget>();
  const claim = (name: string, target: NameTarget): void => {
    // `a_b` of server `c` may meet `b` of server `c_a`: the later one gets a name of its own.
    let free = name;
    for (let salt = target.category; exposed.has(free) || reserved.has(free); salt += " ") {
      free = acceptedName(`${name} ${salt}`);
    }
    exposed.set(free, target);
  };
  for (const target of builtin) claim(acceptedName(target.own), target);
  for (const target of mounted) {
    const name = acceptedName(target.own);
    const isAlone = owners.get(name) === 1;
    const home = target.category.replace(PEER_PREFIX, "");
    claim(isAlone ? name : acceptedName(`${home}_${target.own}`), target);
  }
  return exposed;
}
