/** What is wrong with a definition, and where. @module */

import { InputError } from "../errors.ts";
import { pointerTo } from "../registry/pointer.ts";

/** Keys from the definition's root to a value in it. */
export type Path = readonly (string | number)[];

/** A definition that is refused; `path` in its data points to the fault. */
export function fault(
  path: Path,
  message: string,
  code: "invalid_input" | "cyclic_workflow" = "invalid_input",
): InputError {
  const pointer = pointerTo(path);
  return new InputError(code, `${pointer || "the workflow"} ${message}`, {
    data: { path: pointer },
  });
}
