/** What is wrong with a definition, and where. @module */

import { InputError } from "../errors.ts";

/** Keys from the definition's root to a value in it. */
export type Path = readonly (string | number)[];

/** A fault's place as a JSON Pointer (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A definition that is refused; `path` in its data points to the fault. */
export function fault(
  path: Path,
  message: string,
  code: "invalid_input" | "cyclic_workflow" = "invalid_input",
): InputError {
  const pointer = pointerOf(path);
  return new InputError(code, `${pointer || "the workflow"} ${message}`, {
    data: { path: pointer },
  });
}

/** A value in a message: its JSON, cut to a readable length. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
