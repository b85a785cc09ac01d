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
    if (caller.grant.peer) throw closedToPeer(caller, { name, category, tool });
    throw new InputError("unknown_tool", `There is no tool "${name}"`, { data: { tool: name } });
  }
  const { ability } = tool.routing;
  if (ability === undefined || caller.grant.abilities.has(ability)) return;
  if (caller.grant.peer) throw abilityOfPeer(caller, name, ability);
  throw new AuthError(
    "capability_missing",
    `"${name}" needs the ability "${ability}", which "${caller.id}" does not have: use an API key whose entry in auth.keys lists it under abilities, or a token with the scope ${scopeOf(ability)}`,
    { data: { tool: name, ability, scopes: [scopeOf(ability)] } },
  );
}

/** Which rule is missing, for whoever owns the server that refuses. */
function closedToPeer(caller: Caller, { name, category, tool }: RegisteredTool): AuthError {
  const rule = { peer: caller.id.replace(/^peer:/, ""), tools: [tool.name] };
  const why = tool.access === "read" ? "this server keeps strangers out" : "it does more than read";
  return new AuthError(
    "capability_missing",
    `"${name}" is not open to ${caller.id}: ${why}, and no rule of mesh.allow there opens it; ${JSON.stringify(rule)} would, or its category "${category}"`,
    { data: { tool: name, category, rule } },
  );
}

function abilityOfPeer(caller: Caller, tool: string, ability: string): AuthError {
  const rule = { peer: caller.id.replace(/^peer:/, ""), abilities: [ability] };
  return new AuthError(
    "capability_missing",
    `"${tool}" needs the ability "${ability}", which no rule of mesh.allow there gives ${caller.id}; ${JSON.stringify(rule)} would`,
    { data: { tool, ability, rule } },
  );
}
