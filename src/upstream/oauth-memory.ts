/**
 * What is remembered of authorization servers: as whom we are registered there, and the tokens
 * they gave us, each kept with its issuer so that no other ever sees them.
 *
 * @module
 */

import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import type { Store } from "../storage/store.ts";

/** The memory of one mounted server. */
export interface OAuthMemory {
  /** As whom we are known to the issuer; `own` was registered beforehand, with one issuer only. */
  client(
    issuer: string | undefined,
    own: StoredOAuthClientInformation | undefined,
  ): Promise<StoredOAuthClientInformation | undefined>;
  saveClient(client: StoredOAuthClientInformation, issuer: string | undefined): Promise<void>;
  /** The tokens of the issuer, or the newest of all. */
  tokens(issuer: string | undefined): Promise<StoredOAuthTokens | undefined>;
  saveTokens(tokens: StoredOAuthTokens, issuer: string | undefined): Promise<void>;
  discovery(): Promise<OAuthDiscoveryState | undefined>;
  saveDiscovery(discovery: OAuthDiscoveryState): Promise<void>;
  forget(what: Forgettable): Promise<void>;
}

type Forgettable = Parameters<NonNullable<OAuthClientProvider["invalidateCredentials"]>>[0];

interface Remembered {
  readonly clients: Readonly<Record<string, StoredOAuthClientInformation>>;
  readonly tokens: Readonly<Record<string, StoredOAuthTokens>>;
  readonly newest?: string;
  readonly discovery?: OAuthDiscoveryState;
}

const nothing: Remembered = { clients: {}, tokens: {} };

/** The memory under `key`. */
export function createOAuthMemory(store: Store, key: string): OAuthMemory {
  const read = async (): Promise<Remembered> => {
    const bytes = await store.get(key);
    return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Remembered) : nothing;
  };
  let last: Promise<void> = Promise.resolve();
  /** One change after the other: each begins with what the one before it wrote. */
  const change = (next: (before: Remembered) => Remembered): Promise<void> => {
    const changed = last.then(async () => {
      const value = new TextEncoder().encode(JSON.stringify(next(await read())));
      await store.write([{ key, value }]);
    });
    last = changed.catch(() => {});
    return changed;
  };
  return {
    async client(issuer, own) {
      const { clients } = await read();
      const known = issuer === undefined ? undefined : clients[issuer];
      if (known || !own) return known;
      // Once an issuer has seen it, what was registered beforehand goes to no other.
      const isBound = Object.values(clients).some(({ client_id }) => client_id === own.client_id);
      return isBound ? undefined : own;
    },
    saveClient: (client, issuer = client.issuer ?? "") =>
      change((before) => ({ ...before, clients: { ...before.clients, [issuer]: client } })),
    async tokens(issuer) {
      const { tokens, newest } = await read();
      return tokens[issuer ?? newest ?? ""];
    },
    saveTokens: (tokens, issuer = tokens.issuer ?? "") =>
      change((before) => ({
        ...before,
        tokens: { ...before.tokens, [issuer]: tokens },
        newest: issuer,
      })),
    discovery: async () => (await read()).discovery,
    saveDiscovery: (discovery) => change((before) => ({ ...before, discovery })),
    forget: (what) => change((before) => without(before, what)),
  };
}

function without(before: Remembered, what: Forgettable): Remembered {
  switch (what) {
    case "all":
      return nothing;
    case "client":
      return { ...before, clients: {} };
    case "tokens":
      return { ...before, tokens: {} };
    case "discovery": {
      const { discovery: _, ...rest } = before;
      return rest;
    }
    default:
      return before;
  }
}
