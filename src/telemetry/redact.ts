/** Secrets out of what is logged or shown, by the names they stand under and by their looks. @module */

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

/** Names whose text is a secret; a number under one, such as `tokens: 12`, is a count. */
const SECRET_NAME =
  /pass(word|wd|phrase)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization|cookie|bearer|(^|[-_])(pass|pwd|jwt|pat)$/i;

/** Maps of settings whose every value may be a secret, whatever it is called. */
const SECRET_MAP = /^(env|headers)$/i;

/** `--token`, `--api-key=…`: options of a program. */
const SECRET_FLAG = /^(--?[\w-]*(?:pass(?:word|wd)?|secret|token|key|credential)[\w-]*)(=.*)?$/i;

const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b(mcpp_[a-z0-9-]+_)[\w-]{16,}/g, `$1${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  [/(\b[a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/:@]{0,256}:[^\s/@]{0,256}@/gi, `$1${REDACTED}@`],
  [/([?&](?:[\w-]{0,32}(?:token|secret|key|password))=)[^&\s#]+/gi, `$1${REDACTED}`],
];

/** Nothing that is logged on purpose is deeper; it ends cycles too. */
const MAX_DEPTH = 12;

/** Text without what looks like a token, a key or the password of a URL. */
export function redactText(text: string): string {
  let clean = text;
  for (const [look, replacement] of LOOKS) clean = clean.replace(look, replacement);
  return clean;
}

/**
 * A copy of `value` without its secrets, as plain JSON data. `name` is the name, or the path with
 * dots, under which it stands.
 */
export function redact(value: unknown, name = ""): unknown {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const isSecret = SECRET_NAME.test(last) || name.split(".").slice(0, -1).some(isSecretMap);
  return clean(value, isSecret || isSecretMap(last), 0);
}

function isSecretMap(name: string): boolean {
  return SECRET_MAP.test(name);
}

function clean(value: unknown, isSecret: boolean, depth: number): unknown {
  if (typeof value === "string") return isSecret && value !== "" ? REDACTED : redactText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return cleanArray(value, isSecret, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      clean(item, isSecret || SECRET_NAME.test(name) || isSecretMap(name), depth + 1),
    ]),
  );
}

function cleanError(error: Error, depth: number): unknown {
  const { name, message, cause } = error;
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    name,
    message: redactText(message),
    ...(code !== undefined && { code }),
    ...(error.stack !== undefined && { stack: redactText(error.stack) }),
    ...(cause !== undefined && { cause: clean(cause, false, depth + 1) }),
  };
}

/** Arguments of a program: `["--token", "x"]` and `["--token=x"]` hide `x`. */
function cleanArray(items: readonly unknown[], isSecret: boolean, depth: number): unknown[] {
  return items.map((item, at) => {
    const before = items[at - 1];
    const flag = typeof item === "string" ? SECRET_FLAG.exec(item) : null;
    if (flag?.[2]) return `${flag[1]}=${REDACTED}`;
    const followsFlag = typeof before === "string" && SECRET_FLAG.exec(before)?.[2] === undefined;
    const isValue = followsFlag && SECRET_FLAG.test(before) && !flag;
    return clean(item, isSecret || isValue, depth + 1);
  });
}
