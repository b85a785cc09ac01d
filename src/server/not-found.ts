/** Requests for what is not there, answered with what is. @module */

import { InputError } from "../errors.ts";
import { nearest } from "../nearest.ts";

/** The error for a path that leads nowhere. */
export function notFound(path: string, known: Iterable<string>): InputError {
  const shown = path.slice(0, 200);
  const near = nearest(shown, known);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "GET / shows what there is";
  return new InputError("not_found", `There is nothing at ${shown}: ${hint}`, {
    data: { path: shown, nearest: near },
  });
}

/** The error for a method that a path does not have. */
export function methodNotAllowed(method: string, path: string, allowed: string): InputError {
  return new InputError("method_not_allowed", `${path} takes ${allowed}, not ${method}`, {
    data: { allow: allowed },
  });
}
