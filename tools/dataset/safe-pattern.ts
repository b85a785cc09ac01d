/**
 * Regular expressions whose time grows with the text, never faster.
 *
 * The hosts' engines backtrack, and JavaScript has no way to stop one; RE2 does not backtrack.
 *
 * @module
 */

import { RE2JS } from "re2js";
import { InputError, ToolError } from "../../src/tool.ts";

const MAX_PATTERN_CHARS = 200;
/** The slowest patterns that were found took 25 ns a step, so this is little more than a second. */
const MAX_STEPS = 50_000_000;

/** A compiled pattern. */
export interface SafePattern {
  matches(text: string): boolean;
}

/** Steps that matching may have taken, for whoever must give others a turn in between. */
export interface Work {
  steps: number;
}

/** Compile `source`; what matching may cost is added to `work`. */
export function compileSafePattern(source: string, work: Work): SafePattern {
  if (source.length > MAX_PATTERN_CHARS) {
    throw refused(source, `is longer than ${MAX_PATTERN_CHARS} characters`);
  }
  const pattern = compile(source);
  const stepsPerChar = pattern.programSize();
  return {
    matches(text) {
      const steps = stepsPerChar * text.length;
      work.steps += steps;
      if (steps <= MAX_STEPS) return pattern.test(text);
      throw new ToolError(
        "too_large",
        `The pattern ${JSON.stringify(source)} may take too long on a text of ${text.length} characters: use smaller numbers in {n,m}, or contains`,
        { data: { pattern: source } },
      );
    },
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (cause) {
    throw refused(source, `cannot be used (${String(cause)})`, cause);
  }
}

function refused(source: string, why: string, cause?: unknown): InputError {
  const message = `The pattern ${JSON.stringify(source)} ${why}`;
  return new InputError("invalid_input", message, { cause, data: { pattern: source } });
}
