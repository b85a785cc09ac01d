/** Where a call is to be worked, once its references are known. @module */

import type { TaskError } from "../queue/task.ts";
import type { Body } from "./definition.ts";
import { resolve, type Scope } from "./references.ts";

/** Peers of which one gets the call; with none of them it is for this queue. */
export type Where = { readonly at?: readonly string[] } | { readonly error: TaskError };

/** Peers that one call may name. */
const MAX_PEERS = 64;

/** The peers that a call names; an error where what it names are none. */
export function whereOf(peer: Body["peer"], scope: Scope): Where {
  const named = resolve(peer?.at ?? null, scope);
  if (named === null) return {};
  const peers = Array.isArray(named) ? named : [named];
  if (peers.length === 0) return {};
  if (peers.length <= MAX_PEERS && peers.every(isName)) return { at: [...new Set(peers)] };
  const message = `peer.at is no peer, and no list of up to ${MAX_PEERS} of them: it is ${JSON.stringify(named).slice(0, 200)}`;
  return { error: { code: "invalid_input", message } };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 1024;
}
