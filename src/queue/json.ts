/** What JSON, and so a task's row and its log, can carry. @module */

import { InputError } from "../errors.ts";

/** Throws `invalid_input` where a value is not plain JSON; names the place and the value. */
export function checkJson(name: string, value: unknown): void {
  const fault = faultIn(name, value);
  if (fault === undefined) return;
  throw new InputError(
    "invalid_input",
    `${fault}: give text, finite numbers, true, false, null, lists and objects of these`,
    { data: { parameter: name } },
  );
}

/** The value as JSON says it: what it cannot say is left out, or null. */
export function jsonOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function faultIn(path: string, value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON has no word for`;
  }
  if (typeof value !== "object") return `${path} is of the type ${typeof value}`;
  if (Array.isArray(value)) {
    return firstFault(value.map((part, at) => [`${path}[${at}]`, part]));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is an object of the class ${value.constructor?.name ?? "unknown"}`;
  }
  // A property that is undefined is one that is not there.
  const there = Object.entries(value).filter(([, part]) => part !== undefined);
  return firstFault(there.map(([key, part]) => [`${path}.${key}`, part]));
}

function firstFault(
  parts: readonly (readonly [path: string, value: unknown])[],
): string | undefined {
  for (const [path, value] of parts) {
    const fault = faultIn(path, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
