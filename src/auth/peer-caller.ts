/** Peers of the mesh as callers. @module */

import type { PeerRuleConfig } from "../config/config.ts";
import type { Caller } from "../registry/caller.ts";

/** What decides over peers. */
export interface PeerRules {
  readonly allow: readonly PeerRuleConfig[];
  /** Whether the server lets in who shows no credentials. */
  readonly isAnonymousOpen: boolean;
}

/**
 * A peer with what the rules of `mesh.allow` give it. Its id opened a stream and says nothing about
 * rights: a peer that no rule names may use what any stranger may over HTTP, and of that only tools
 * that read; where strangers are kept out, it may use nothing.
 */
export function peerCaller(peer: string, { allow, isAnonymousOpen }: PeerRules): Caller {
  const own = allow.filter((rule) => rule.peer === peer || rule.peer === "*");
  return {
    id: `peer:${peer}`,
    grant: {
      categories: "*",
      access: "read",
      abilities: new Set(own.flatMap(({ abilities }) => abilities)),
      peer: {
        isGeneral: isAnonymousOpen || own.length > 0,
        tools: own.flatMap(({ tools }) => tools),
        categories: own.flatMap(({ categories }) => categories),
      },
    },
  };
}
