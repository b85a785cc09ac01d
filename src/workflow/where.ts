/** Where a call is to be worked, once its references are known. @module */

import type { Task, TaskError } from "../queue/task.ts";
import type { Body } from "./definition.ts";
import { resolve, type Scope } from "./references.ts";
import type { RunInput } from "./values.ts";

/** Peers of which one gets the call; with none of them it is for this queue. */
export type Where = { readonly at?: readonly string[] } | { readonly error: TaskError };

/** Peers that one call may name. */
const MAX_PEERS = 64;

/** The peers that a call names; an error where what it names are none. */
export function whereOf(peer: Body["peer"], run: Task, scope: Scope): Where {
  const named = resolve(peer?.at ?? null, scope);
  if (named === null) return {};
  const peers = Array.isArray(named) ? named : [named];
  const { coordinator } = run.spec.input as RunInput;
  // This server is no peer of itself: where others are named, too, they have the call.
  const others = [...new Set(peers)].filter((one) => one !== coordinator);
  if (others.length === 0) return {};
  if (others.length <= MAX_PEERS && others.every(isName)) return { at: others };
  const message = `peer.at is no peer, and no list of up to ${MAX_PEERS} of them: it is ${JSON.stringify(named).slice(0, 200)}`;
  return { error: { code: "invalid_input", message } };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 1024;
}
