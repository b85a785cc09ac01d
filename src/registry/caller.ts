/** Who asks, and what that one may see and do. @module */

/** How far a caller may go; each includes the ones before it. */
export type Access = "read" | "write" | "destructive";

/** What the owner of this server opened to a peer. */
export interface PeerGrant {
  /** Whether `access` holds for every category, and not just for what is named below. */
  readonly isGeneral: boolean;
  /** Tools by name; `*` stands for anything. */
  readonly tools: readonly string[];
  readonly categories: readonly string[];
}

/** What a caller may see and do. */
export interface Grant {
  /** Categories it may see; `"*"` is all of them. */
  readonly categories: "*" | ReadonlySet<string>;
  readonly access: Access;
  /** Named rights that some tools need, e.g. `admin`. */
  readonly abilities: ReadonlySet<string>;
  /** Set for peers of the mesh. They see no category of other peers: nothing passes through here. */
  readonly peer?: PeerGrant;
}

/** The one on whose behalf a call runs. */
export interface Caller {
  /** Stable and safe to log: `local`, `anonymous`, `key:ci`, `user:…`. */
  readonly id: string;
  readonly grant: Grant;
  /** It holds a token of an authorization server and can ask there for more rights. */
  readonly canEscalate?: boolean;
}

/** The person who started this process: nothing is closed to them. */
export const localCaller: Caller = {
  id: "local",
  grant: { categories: "*", access: "destructive", abilities: new Set(["admin"]) },
};

/** A caller over HTTP on a server without authentication: all but the named abilities. */
export const anonymousCaller: Caller = {
  id: "anonymous",
  grant: { categories: "*", access: "destructive", abilities: new Set() },
};

/** A caller as JSON carries it. */
export interface StoredCaller {
  readonly id: string;
  readonly grant: {
    readonly categories: "*" | readonly string[];
    readonly access: Access;
    readonly abilities: readonly string[];
    readonly peer?: PeerGrant;
  };
}

/** The caller as it can be stored, to act on its behalf later. */
export function storeCaller({ id, grant }: Caller): StoredCaller {
  const { categories, access, abilities, peer } = grant;
  return {
    id,
    grant: {
      categories: categories === "*" ? "*" : [...categories],
      access,
      abilities: [...abilities],
      ...(peer && { peer }),
    },
  };
}

/** The inverse of {@link storeCaller}. */
export function restoreCaller({ id, grant }: StoredCaller): Caller {
  const { categories, abilities, ...rest } = grant;
  return {
    id,
    grant: {
      ...rest,
      categories: categories === "*" ? "*" : new Set(categories),
      abilities: new Set(abilities),
    },
  };
}
