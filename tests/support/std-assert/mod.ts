/**
 * The few `@std/assert` functions the tests use, by the same names and order of arguments.
 *
 * A stand-in until the registry that carries the real package is reachable; see
 * `docs/decisions/0004-std-assert-stand-in.md`.
 *
 * @module
 */

import { deepStrictEqual, fail, match, notDeepStrictEqual, ok } from "node:assert/strict";

/** `node:assert` takes a message or none, but no `undefined`. */
const said = (message: string | undefined): [] | [string] =>
  message === undefined ? [] : [message];

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

export function assert(condition: unknown, message = "Expected a truthy value"): asserts condition {
  ok(condition, message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  deepStrictEqual(actual, expected, ...said(message));
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  notDeepStrictEqual(actual, expected, ...said(message));
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  match(actual, expected, ...said(message));
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to include "${expected}"`,
  );
}

export function assertExists<T>(
  actual: T,
  message = "Expected a value",
): asserts actual is NonNullable<T> {
  ok(actual !== undefined && actual !== null, message);
}

export function assertInstanceOf<E>(
  actual: unknown,
  kind: abstract new (...args: never[]) => E,
  message?: string,
): asserts actual is E {
  ok(
    actual instanceof kind,
    message ?? `Expected an instance of ${kind.name}, got ${String(actual)}`,
  );
}

function check<E extends Error>(error: unknown, kind?: ErrorClass<E>, includes = ""): E {
  if (kind) assertInstanceOf(error, kind);
  const found = error as E;
  assertStringIncludes(found.message, includes);
  return found;
}

export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  kind?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    run();
  } catch (error) {
    return check(error, kind, includes);
  }
  return fail("Expected the function to throw");
}

export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  kind?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return check(error, kind, includes);
  }
  return fail("Expected the promise to reject");
}
