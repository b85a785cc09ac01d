/** What this server offers to peers in general, as its record says it. @module */

import { peerCaller } from "../auth/peer-caller.ts";
import { interfaceCid } from "../registry/interfaces.ts";
import type { Registry } from "../registry/registry.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";

/** Names of categories, and CIDs of the tools that every peer sees. */
export interface Offered {
  readonly abilities: readonly string[];
  readonly interfaces: readonly string[];
}

/** A peer that may read: what a record tells is no secret, and what a peer may call is decided then. */
const anyPeer = peerCaller("", { allow: [], isAnonymousOpen: true });

/**
 * What is offered as of the last reading; it is read again after each change of the registry, and
 * until that is done the reading before it stands.
 */
export function createInterfaces(
  registry: Pick<Registry, "categories" | "list" | "version">,
  failed: (error: unknown) => void,
): () => Offered {
  let read = -1;
  let interfaces: readonly string[] = [];
  const readAgain = async (): Promise<void> => {
    const tools = await registry.list(anyPeer);
    const cids = await Promise.all(tools.map(({ tool }) => interfaceCid(tool)));
    interfaces = [...new Set(cids)].sort();
  };
  return () => {
    if (read !== registry.version) {
      read = registry.version;
      readAgain().catch(failed);
    }
    const own = registry
      .categories(anyPeer)
      .filter(({ name, availability }) => availability.available && !name.startsWith(PEER_PREFIX));
    return { abilities: own.map(({ name }) => name), interfaces };
  };
}
