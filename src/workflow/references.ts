/** Texts that stand for values: `$fetch.result.rows[0].name`. @module */

import { shown } from "../registry/pointer.ts";
import { fault, type Path } from "./faults.ts";

/** A name, and the way from its value to the one that is meant. */
export interface Reference {
  readonly name: string;
  readonly keys: readonly (string | number)[];
}

/** What names stand for. */
export type Scope = (name: string) => unknown;

const REFERENCE = /^\$([a-z][a-z0-9_]*)((?:\.[A-Za-z_][\w-]*|\[\d+\])*)$/;
const KEY = /\.([A-Za-z_][\w-]*)|\[(\d+)\]/g;

/** The reference that a text is; `undefined` where it is just a text. Throws where it is neither. */
export function referenceOf(text: string, path: Path): Reference | undefined {
  if (!/^\$[A-Za-z]/.test(text)) return undefined;
  const [, name, rest = ""] = REFERENCE.exec(text) ?? [];
  if (name === undefined) {
    throw fault(
      path,
      `begins with a dollar and is no reference such as $fetch.result.rows[0]: ${shown(text)}; a dollar itself is written $$`,
    );
  }
  const keys = [...rest.matchAll(KEY)].map(([, key, index]) => key ?? Number(index));
  return { name, keys };
}

/** Every reference in a value, with its place. */
export function* referencesIn(
  value: unknown,
  path: Path,
): Generator<{ readonly reference: Reference; readonly path: Path }, void> {
  if (typeof value === "string") {
    const reference = referenceOf(value, path);
    if (reference) yield { reference, path };
  } else if (Array.isArray(value)) {
    for (const [at, part] of value.entries()) yield* referencesIn(part, [...path, at]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) yield* referencesIn(part, [...path, key]);
  }
}

/** Whether anything in a value is to be replaced. */
export function hasReferences(value: unknown): boolean {
  return !referencesIn(value, []).next().done;
}

/** The value with each reference replaced by what it stands for; what is not there is `null`. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") {
    if (value.startsWith("$$")) return value.slice(1);
    const reference = referenceOf(value, []);
    return reference ? (follow(reference, scope) ?? null) : value;
  }
  if (Array.isArray(value)) return value.map((part) => resolve(part, scope));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, resolve(part, scope)]);
  return Object.fromEntries(entries);
}

/** Own properties only: nothing that objects inherit is anybody's result. */
function follow({ name, keys }: Reference, scope: Scope): unknown {
  let value = scope(name);
  for (const key of keys) {
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    if (!isThere) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}
