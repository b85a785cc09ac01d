/**
 * Permission to use a mounted HTTP server that asks for it with OAuth 2.1: by a person's consent,
 * or by credentials of our own.
 *
 * The protocol is the SDK's: discovery, registration, PKCE, the checks of `iss` and of the
 * resource, refresh. What is remembered, and how a person is asked, is decided here.
 *
 * @module
 */

import {
  ClientCredentialsProvider,
  type OAuthClientMetadata,
  type OAuthClientProvider,
  PrivateKeyJwtProvider,
  type StoredOAuthClientInformation,
} from "@modelcontextprotocol/client";
import type { McpServerConfig, OAuthConfig } from "../config/mcp-servers.ts";
import { AuthError, IntegrityError, MeshError, messageOf } from "../errors.ts";
import type { Consent } from "./consent.ts";
import type { OAuthMemory } from "./oauth-memory.ts";
import { unmounted } from "./refusals.ts";

/** Permission to use one server. */
export interface OAuth {
  readonly provider: OAuthClientProvider;
  /** Where a person is to consent now, if that is what everything waits for. */
  readonly pendingUrl: string | undefined;
  /** Aborts when the server is unmounted: nothing is asked of an authorization server after that. */
  readonly closed: AbortSignal;
  /** Wait for the person who was asked, and finish with what they brought back. */
  consented(finish: (params: URLSearchParams) => Promise<void>): Promise<void>;
  /** Nobody waits for an answer any more. */
  close(): void;
}

/** What asking for permission needs. */
export interface OAuthNeeds {
  readonly upstream: string;
  readonly config: McpServerConfig;
  readonly consent: Consent | undefined;
  readonly memory: OAuthMemory;
  readonly newState: () => string;
  /** Permission came, if late: a start may have given up waiting. */
  readonly granted: () => Promise<unknown>;
  /** It did not come, for which a start may have given up waiting as well. */
  readonly refused: (error: Error) => void;
  /** {@link OAuth.pendingUrl} is another. */
  readonly changed: () => void;
  readonly trouble: (error: unknown) => void;
}

/** Permission for a server; undefined where there is no way to get it but a configured token. */
export function createOAuth(needs: OAuthNeeds): OAuth | undefined {
  const { config, consent } = needs;
  if (config.type !== "http") return undefined;
  const own = ownProvider(config.oauth ?? {});
  if (own) return ownOAuth(needs.upstream, own);
  const hasToken = new Headers(config.headers).has("authorization");
  return consent && !hasToken ? new ConsentedOAuth(needs, consent, config.oauth) : undefined;
}

function ownOAuth(upstream: string, provider: OAuthClientProvider): OAuth {
  const closed = new AbortController();
  return {
    provider,
    pendingUrl: undefined,
    closed: closed.signal,
    consented: () => Promise.reject(new Error("Nobody is asked for consent")),
    close: () => closed.abort(unmounted(upstream)),
  };
}

function ownProvider(config: OAuthConfig): OAuthClientProvider | undefined {
  const { grant, clientId, clientSecret, privateKey, algorithm = "ES256", scope, issuer } = config;
  if (grant !== "client_credentials" || clientId === undefined) return undefined;
  const client = {
    clientId,
    clientName: "mcplusplus",
    ...(scope !== undefined && { scope }),
    ...(issuer !== undefined && { expectedIssuer: issuer }),
  };
  if (privateKey !== undefined)
    return new PrivateKeyJwtProvider({ ...client, privateKey, algorithm });
  return new ClientCredentialsProvider({ ...client, clientSecret: clientSecret ?? "" });
}

/** A person who was sent away to consent. */
interface Asked {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

class ConsentedOAuth implements OAuth {
  readonly #needs: OAuthNeeds;
  readonly #consent: Consent;
  readonly #closed = new AbortController();
  readonly provider: OAuthClientProvider;
  #verifier = "";
  #asked: Asked | undefined;
  #waiting: Promise<void> | undefined;

  constructor(needs: OAuthNeeds, consent: Consent, config: OAuthConfig = {}) {
    this.#needs = needs;
    this.#consent = consent;
    this.provider = this.#createProvider(config);
  }

  get pendingUrl(): string | undefined {
    return this.#waiting && this.#asked?.url;
  }
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  #createProvider(config: OAuthConfig): OAuthClientProvider {
    const { memory, newState } = this.#needs;
    const consent = this.#consent;
    const { clientMetadataUrl } = consent;
    const isAsking = (): boolean => this.#waiting !== undefined;
    return {
      redirectUrl: consent.redirectUrl,
      ...(clientMetadataUrl !== undefined && { clientMetadataUrl }),
      clientMetadata: metadataOf(consent, config),
      state: newState,
      clientInformation: (context) => memory.client(context?.issuer, ownClient(config)),
      saveClientInformation: (client, context) => memory.saveClient(client, context?.issuer),
      tokens: (context) => memory.tokens(context?.issuer),
      saveTokens: (tokens, context) => memory.saveTokens(tokens, context?.issuer),
      invalidateCredentials: (what) => memory.forget(what),
      saveCodeVerifier: (verifier) => {
        this.#verifier = verifier;
      },
      codeVerifier: () => this.#asked?.verifier ?? this.#verifier,
      redirectToAuthorization: (url) => {
        // Requests that fail together ask once: the first address stays the one to open.
        if (!isAsking()) this.#asked = askedAt(this.#needs.upstream, url, this.#verifier);
      },
      saveDiscoveryState: (state) => memory.saveDiscovery(state),
      // Only on the way back: another authorization server may be in charge the next time.
      discoveryState: () => (isAsking() ? memory.discovery() : undefined),
    };
  }

  consented(finish: (params: URLSearchParams) => Promise<void>): Promise<void> {
    if (!this.#waiting) {
      const { changed, refused } = this.#needs;
      const over = (): void => {
        this.#waiting = undefined;
        this.#asked = undefined;
        changed();
      };
      this.#waiting = this.#ask(finish).then(over, (cause: unknown) => {
        over();
        const error = this.#explained(cause);
        refused(error);
        throw error;
      });
      changed();
    }
    return this.#waiting;
  }

  /** What went wrong will go wrong again, and a person is not asked over and over. */
  #explained(cause: unknown): Error {
    if (cause instanceof MeshError) return cause;
    const { upstream } = this.#needs;
    return new AuthError(
      "capability_missing",
      `"${upstream}" was not given consent: ${messageOf(cause)}; start it again to be asked again`,
      { cause, data: { upstream } },
    );
  }

  async #ask(finish: (params: URLSearchParams) => Promise<void>): Promise<void> {
    const { upstream, granted, trouble } = this.#needs;
    const asked = this.#asked;
    if (!asked) throw new Error(`"${upstream}" was not asked where to consent`);
    const { url, state } = asked;
    const { signal } = this.#closed;
    const asking = this.#consent.ask({ upstream, url, state, signal });
    const params = await Promise.race([asking, rejectionOf(signal)]);
    if (params.get("state") !== state) {
      throw new IntegrityError(
        "state_mismatch",
        `The answer to the consent for "${upstream}" belongs to another request; ask again`,
        { data: { upstream } },
      );
    }
    await finish(params);
    // An answer that came too late starts nothing.
    signal.throwIfAborted();
    granted().catch(trouble);
  }

  close(): void {
    this.#closed.abort(unmounted(this.#needs.upstream));
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The address comes from the mounted server, and somebody will open it: it must be a page. */
function askedAt(upstream: string, url: URL, verifier: string): Asked {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new IntegrityError(
      "schema_mismatch",
      `"${upstream}" asks for consent at a ${url.protocol} address, which is no web page`,
      { data: { upstream } },
    );
  }
  return { url: url.href, state: url.searchParams.get("state") ?? "", verifier };
}

function metadataOf({ redirectUrl }: Consent, { scope }: OAuthConfig): OAuthClientMetadata {
  return {
    client_name: "mcplusplus",
    redirect_uris: [redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(scope !== undefined && { scope }),
  };
}

function ownClient(config: OAuthConfig): StoredOAuthClientInformation | undefined {
  const { clientId, clientSecret, issuer } = config;
  if (clientId === undefined) return undefined;
  return {
    client_id: clientId,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
    ...(issuer !== undefined && { issuer }),
  };
}
