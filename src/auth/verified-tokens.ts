/** Tokens that were verified lately, by their hash, so that a signature is checked once. @module */

import type { Caller } from "../registry/caller.ts";
import { sha256 } from "../sha256.ts";

/** Remembers whose a token is. */
export interface VerifiedTokens {
  get(token: string): Caller | undefined;
  set(token: string, caller: Caller, untilMs: number): void;
}

/** A memory for `capacity` tokens that forgets the one not used for longest. */
export function createVerifiedTokens(clock: { now(): number }, capacity: number): VerifiedTokens {
  const known = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();
  return {
    get(token) {
      const key = sha256(token);
      const entry = known.get(key);
      if (!entry) return undefined;
      known.delete(key);
      if (clock.now() >= entry.untilMs) return undefined;
      known.set(key, entry);
      return entry.caller;
    },
    set(token, caller, untilMs) {
      known.set(sha256(token), { caller, untilMs });
      if (known.size <= capacity) return;
      const { value: oldest } = known.keys().next();
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}
