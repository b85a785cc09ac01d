/** Errors for names that lead nowhere, with the names that were probably meant. @module */

import { InputError } from "../errors.ts";
import { nearest } from "../nearest.ts";

/** There is no tool of this name among `names`. */
export function unknownTool(
  name: string,
  names: readonly string[],
  category: string | undefined,
): InputError {
  const near = nearest(name, names);
  const hint =
    near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "; list_tools shows what there is";
  const where = category === undefined ? "" : ` in category "${category}"`;
  return new InputError("unknown_tool", `There is no tool "${name}"${where}${hint}`, {
    data: { tool: name, nearest: near },
  });
}

/** Several mounted servers have a tool of this name; `exposed` are the names that tell them apart. */
export function ambiguousTool(
  name: string,
  exposed: readonly string[],
  category: string | undefined,
): InputError {
  const where = category === undefined ? "" : ` of "${category}"`;
  return new InputError(
    "ambiguous_tool",
    `"${name}" is not one tool${where}: say ${exposed.join(" or ")}`,
    { data: { tool: name, nearest: exposed } },
  );
}

/** There is no category of this name among `names`. */
export function unknownCategory(name: string, names: readonly string[]): InputError {
  const near = nearest(name, names);
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${names.join(", ")}`;
  return new InputError("unknown_category", `There is no category "${name}": ${hint}`, {
    data: { category: name, nearest: near },
  });
}
