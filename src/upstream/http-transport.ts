/** The SDK's transport to a mounted HTTP server, with permission asked for where it is wanted. @module */

import {
  type JSONRPCMessage,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import type { GuardedFetch } from "./guarded-fetch.ts";
import type { OAuth } from "./oauth.ts";

/** What a transport needs. */
export interface HttpTransportNeeds {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: GuardedFetch;
  readonly oauth: OAuth | undefined;
}

type SendOptions = Parameters<StreamableHTTPClientTransport["send"]>[1];

/** A transport that waits for consent, once, where a message needs it. */
export class HttpTransport extends StreamableHTTPClientTransport {
  readonly #oauth: OAuth | undefined;

  constructor({ url, headers, fetch, oauth }: HttpTransportNeeds) {
    super(url, {
      fetch: onlyTo(url.origin, headers, oauth ? withinTime(fetch, oauth.closed) : fetch),
      ...(oauth && { authProvider: oauth.provider }),
    });
    this.#oauth = oauth;
  }

  override async send(message: JSONRPCMessage, options?: SendOptions): Promise<void> {
    try {
      await super.send(message, options);
    } catch (error) {
      if (!this.#oauth || !(error instanceof UnauthorizedError)) throw error;
      await this.#oauth.consented((params) => this.finishAuth(params));
      await super.send(message, options);
    }
  }
}

const AUTHORIZE_WITHIN_MS = 30_000;

/**
 * The SDK gives its signal to the messages, and none to what it asks an authorization server:
 * those requests end with the mount, which may outlive the connection that wanted permission.
 */
function withinTime(fetch: GuardedFetch, closed: AbortSignal): GuardedFetch {
  return (target, init) => {
    if (init?.signal) return fetch(target, init);
    const signal = AbortSignal.any([closed, AbortSignal.timeout(AUTHORIZE_WITHIN_MS)]);
    return fetch(target, { ...init, signal });
  };
}

/** The configured headers are for the server itself; an authorization server must not see them. */
function onlyTo(
  origin: string,
  headers: Readonly<Record<string, string>>,
  fetch: GuardedFetch,
): GuardedFetch {
  return (target, init) => {
    if (new URL(target).origin !== origin) return fetch(target, init);
    const merged = new Headers(headers);
    new Headers(init?.headers).forEach((value, name) => {
      merged.set(name, value);
    });
    return fetch(target, { ...init, headers: merged });
  };
}
