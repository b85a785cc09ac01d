/**
 * Regular expressions that cannot take exponential time.
 *
 * The hosts' engines backtrack, and JavaScript has no way to stop one. So a pattern is refused
 * when its number of ways to match is not bounded: groups with a quantifier of their own inside
 * another, back references, look-around. For the rest, an upper bound of the steps is known from
 * the pattern and the length of the text, and a text that would exceed it is refused.
 *
 * @module
 */

import { InputError, ToolError } from "../../src/tool.ts";

const MAX_PATTERN_CHARS = 200;
/** About a tenth of a second for one text. */
const MAX_STEPS = 50_000_000;

/** A pattern that was found safe. */
export interface SafePattern {
  matches(text: string): boolean;
}

/** Steps that matching may have taken, for whoever must give others a turn in between. */
export interface Work {
  steps: number;
}

/** Steps of a match: at most `factor` × length ^ `power` / `power`!, which counts the places of the repeats. */
interface Cost {
  factor: number;
  power: number;
}

const TOKEN =
  /\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|\(\?:|\(\?<[^>]*>|\(|\)|\||[*+?]\??|\{(\d+)(,?)(\d*)\}\??|./gsu;

/** Compile `source`, or say what makes it unsafe; what matching costs is added to `work`. */
export function compileSafePattern(source: string, work: Work): SafePattern {
  if (source.length > MAX_PATTERN_CHARS) {
    throw refused(source, `is longer than ${MAX_PATTERN_CHARS} characters`);
  }
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, "u");
  } catch (cause) {
    throw refused(source, `is no regular expression (${String(cause)})`, cause);
  }
  const { factor, power } = costOf(source);
  let ways = factor;
  for (let index = 2; index <= power; index += 1) ways /= index;
  return {
    matches(text) {
      const steps = ways * (text.length + 1) ** power;
      work.steps += steps;
      if (steps <= MAX_STEPS) return pattern.test(text);
      throw new ToolError(
        "too_large",
        `The pattern ${JSON.stringify(source)} may take too long on a text of ${text.length} characters: begin it with ^, use fewer of * + {n,}, or use contains`,
        { data: { pattern: source } },
      );
    },
  };
}

function refused(source: string, why: string, cause?: unknown): InputError {
  const message = `The pattern ${JSON.stringify(source)} ${why}`;
  return new InputError("invalid_input", message, { cause, data: { pattern: source } });
}

function costOf(source: string): Cost {
  // Unless it is anchored, a match is tried from each place of the text.
  const isAnchored = source.startsWith("^") && !source.includes("|");
  const cost: Cost = { factor: source.length + 1, power: isAnchored ? 0 : 1 };
  /** For each open group, whether it holds a quantifier or a choice. */
  const open: boolean[] = [];
  let closed: boolean | undefined;
  for (const match of source.matchAll(TOKEN)) {
    const kind = kindOf(match[0]);
    if (kind === "unsafe") throw refused(source, "uses a back reference or look-around");
    if (kind === "repeat" && closed === true) {
      throw refused(source, "repeats a group that itself repeats or chooses; take one of them out");
    }
    if (kind === "repeat" || kind === "option" || kind === "choice") {
      addCost(cost, match);
      open.fill(true);
    }
    if (kind === "open") open.push(false);
    closed = kind === "close" ? open.pop() : undefined;
  }
  return cost;
}

/** What a token means for the number of ways to match. */
function kindOf(
  token: string,
): "unsafe" | "repeat" | "option" | "choice" | "open" | "close" | "one" {
  if (/^(\\[1-9k]|\(\?<?[=!])/.test(token)) return "unsafe";
  if (/^([*+]|\{\d)/.test(token)) return "repeat";
  if (token.startsWith("?")) return "option";
  if (token === "|") return "choice";
  if (token.startsWith("(")) return "open";
  return token === ")" ? "close" : "one";
}

function addCost(cost: Cost, [token, least = "0", comma, most]: RegExpMatchArray): void {
  const isEndless = /^[*+]/.test(token) || (comma === "," && most === "");
  if (isEndless) cost.power += 1;
  else if (token.startsWith("{")) cost.factor *= Number(most || least) - Number(least) + 1;
  else cost.factor *= 2;
  cost.factor *= Math.max(1, Number(least));
}
