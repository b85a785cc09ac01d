/**
 * Stands for `node:test` and `node:assert/strict` where a suite runs in a page: as much of them as
 * `tests/contract/queue.ts` and `@std/assert`'s stand-in ask for.
 *
 * @module
 */

/** What was declared, in order. */
export const tests: { readonly name: string; readonly run: () => Promise<void> }[] = [];

export function describe(_name: string, body: () => void): void {
  body();
}

export function it(name: string, run: () => Promise<void>): void {
  tests.push({ name, run });
}

export function fail(message?: string): never {
  throw new Error(message ?? "failed");
}

export function ok(value: unknown, message?: string): void {
  if (!value) fail(message);
}

export function match(text: string, pattern: RegExp, message?: string): void {
  if (!pattern.test(text)) fail(message ?? `${JSON.stringify(text)} does not match ${pattern}`);
}

export function deepStrictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (isSame(actual, expected)) return;
  const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
  fail(message ?? `${shown(actual)} is not ${shown(expected)}`);
}

export function notDeepStrictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (isSame(actual, expected)) fail(message ?? `It is ${JSON.stringify(expected)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && isSame(Reflect.get(a, name), Reflect.get(b, name)))
  );
}
