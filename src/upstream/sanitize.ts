/**
 * Text from mounted servers, freed of what a person cannot see but a model reads: invisible and
 * direction-changing characters, with which instructions are smuggled into descriptions.
 *
 * Zero-width joiners stay (emoji and several scripts need them), and so do the tag characters of
 * flags such as that of Scotland.
 *
 * @module
 */

import { redactText } from "../telemetry/redact.ts";

const hidden =
  /\u{1F3F4}[\u{E0020}-\u{E007E}]{2,6}\u{E007F}|[\u{200B}\u{2060}-\u{2064}\u{FEFF}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{E0000}-\u{E007F}]/gu;

/** The same characters as they may stand in JSON text: as themselves, or escaped. */
const hiddenInJson =
  /[\u200B\u2060-\u2064\uFEFF\u202A-\u202E\u2066-\u2069\uDB40]|\\u(?:200b|202[a-e]|206[0-9]|feff|db40)/i;

/** Whether a JSON text may hold hidden characters; cheap, and never wrongly `false`. */
export function mayHide(json: string): boolean {
  return hiddenInJson.test(json);
}

/** How many characters were removed so far. */
export interface Stripped {
  count: number;
}

/** `text` without hidden characters. */
export function cleanText(text: string, stripped: Stripped): string {
  return text.replace(hidden, (match) => {
    // A whole flag: the only match longer than one code point.
    if (match.length > 2) return match;
    stripped.count += 1;
    return "";
  });
}

/** A JSON value of which every string and key is clean; the same value where nothing was hidden. */
export function cleanJson(value: unknown, stripped: Stripped): unknown {
  if (typeof value === "string") return cleanText(value, stripped);
  if (typeof value !== "object" || value === null) return value;
  const before = stripped.count;
  if (Array.isArray(value)) {
    const items = value.map((item) => cleanJson(item, stripped));
    return stripped.count === before ? value : items;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => [cleanText(key, stripped), cleanJson(item, stripped)] as const,
  );
  return stripped.count === before ? value : Object.fromEntries(entries);
}

/** `text` of at most `max` characters, an ellipsis where it was cut. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/** A JSON value of which no string is longer than `max`: for schemas, whose texts models read. */
export function cutTexts(value: unknown, max: number): unknown {
  if (typeof value === "string") return cut(value, max);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => cutTexts(item, max));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cutTexts(item, max)]));
}

/** Without the keys that MCP reserves: what one hop says about itself is not for the next. */
export function withoutReserved(meta: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof meta !== "object" || meta === null || Array.isArray(meta)) return undefined;
  const kept = Object.entries(meta).filter(([key]) => !key.startsWith("io.modelcontextprotocol/"));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** Text for logs and errors: one line's secrets masked, control characters gone. */
export function redact(text: string): string {
  return (
    redactText(text)
      .replaceAll(
        /((?:(?:token|secret|password|passwd|api[-_]?key|authorization)["']?\s*[:=]\s*["']?|\bbearer\s+)+)[^\s"',;]{6,}/gi,
        "$1[redacted]",
      )
      .replaceAll(/\b(?:gh[pousr]_|sk-|xox[abprs]-|AKIA|eyJ)[A-Za-z0-9._-]{8,}/g, "[redacted]")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what is removed.
      .replaceAll(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
  );
}
