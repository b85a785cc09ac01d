/** Looking up tools where the category may be that of a peer. @module */

import { InputError } from "../errors.ts";
import type { Tool } from "../registry/definition.ts";
import type { Registry } from "../registry/registry.ts";
import { PEER_PREFIX, seesTool } from "../registry/visibility.ts";

type Lookup = Pick<Registry, "loaded" | "resolve">;

/** What of the mesh the lookup asks. */
export interface PeerLookupNeeds {
  /** The category of a peer by its id, name or address; connects where need be. */
  readonly reach: (target: string) => Promise<string>;
  /** A tool that a peer's category does not list: its peer answers what there is to it. */
  readonly unlisted: (category: string, name: string) => Tool | undefined;
}

const isUnknown = (error: unknown): boolean =>
  error instanceof InputError && error.code === "unknown_tool";

/** Calls that name a peer find its category, connecting to it where need be. */
export function withPeers(lookup: Lookup, { reach, unlisted }: PeerLookupNeeds): Lookup {
  return {
    loaded: (name, caller) => lookup.loaded(name, caller),
    resolve: async (name, caller, category) => {
      // A peer reaches no further than this node.
      if (!category?.startsWith(PEER_PREFIX) || caller.grant.peer) {
        return lookup.resolve(name, caller, category);
      }
      const home = await reach(category.slice(PEER_PREFIX.length));
      return lookup.resolve(name, caller, home).catch((error: unknown) => {
        const tool = isUnknown(error) ? unlisted(home, name) : undefined;
        if (!tool || !seesTool(caller, home, tool)) throw error;
        return { name, category: home, tool };
      });
    },
  };
}
