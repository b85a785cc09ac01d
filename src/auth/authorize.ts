/** Whether a caller may call a tool. @module */

import { AuthError, InputError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import { seesTool } from "../registry/visibility.ts";
import { scopeOf } from "./scopes.ts";

/**
 * Throws unless `caller` may call this tool. A tool that the caller does not see is unknown to it,
 * as it is in every list; one that needs a named right says which, and how to get it.
 */
export function authorize(caller: Caller, { name, category, tool }: RegisteredTool): void {
  if (!seesTool(caller, category, tool)) {
    throw new InputError("unknown_tool", `There is no tool "${name}"`, { data: { tool: name } });
  }
  const { ability } = tool.routing;
  if (ability === undefined || caller.grant.abilities.has(ability)) return;
  throw new AuthError(
    "capability_missing",
    `"${name}" needs the ability "${ability}", which "${caller.id}" does not have: use an API key whose entry in auth.keys lists it under abilities, or a token with the scope ${scopeOf(ability)}`,
    { data: { tool: name, ability, scopes: [scopeOf(ability)] } },
  );
}
