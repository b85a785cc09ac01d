/** Places in a value, and values, as error messages name them. @module */

/** `["a", 0, "b"]` → `/a/0/b`, a JSON Pointer (RFC 6901). */
export function pointerTo(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A value's JSON, cut to a readable length. */
export function shown(value: unknown): string {
  const json = typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
  return json === undefined ? "nothing" : json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
