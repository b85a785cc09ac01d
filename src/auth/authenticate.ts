/** Who sends a request, by its `Authorization` header. @module */

import type { Config } from "../config/config.ts";
import { AuthError } from "../errors.ts";
import { anonymousCaller, type Caller, localCaller } from "../registry/caller.ts";
import { CALLER_HEADER, parseCaller } from "../registry/caller-header.ts";
import { sha256 } from "../sha256.ts";
import { createKeyVerifier, looksLikeApiKey } from "./api-keys.ts";
import { createTokenVerifier, type JwtNeeds } from "./jwt.ts";

/** The headers of a request, or a function that reads one. */
export type HeaderSource = Pick<Headers, "get"> | ((name: string) => string | null);

/**
 * Gives the caller of a request, at once wherever nothing has to be waited for; throws
 * `unauthenticated`, or rejects with it.
 */
export type Authenticate = (headers: HeaderSource) => Caller | Promise<Caller>;

/** Whether callers need credentials at all. */
export function isAuthOn({ keys, jwt }: Config["auth"]): boolean {
  return keys.length > 0 || jwt !== undefined;
}

const BEARER = /^Bearer +([^\s,]+)$/i;

/** Tokens are read from the header alone: a query string ends up in logs and histories. */
export function createAuthenticator(config: Config["auth"], needs: JwtNeeds): Authenticate {
  if (!isAuthOn(config)) return () => anonymousCaller;
  const verifyKey = createKeyVerifier(config.keys, needs.clock);
  const verifyToken = config.jwt && createTokenVerifier(config.jwt, needs);

  return (headers) => {
    const header = authorizationOf(headers);
    if (header === null) {
      if (config.anonymous) return anonymousCaller;
      throw new AuthError(
        "unauthenticated",
        `This server needs to know who asks: send the header "Authorization: Bearer <${verifyToken ? "token" : "API key"}>"`,
        { data: { reason: "missing" } },
      );
    }
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) {
      throw new AuthError(
        "unauthenticated",
        'The Authorization header must read "Bearer <token>"',
        { data: { reason: "invalid" } },
      );
    }
    return verifyToken && !looksLikeApiKey(token) ? verifyToken(token) : verifyKey(token);
  };
}

/**
 * The same, but for the one token that this user's other processes read from this user's files: to
 * them nothing is closed, as to the person who started this one, and they may speak for callers of
 * their own.
 */
export function withLocalToken(authenticate: Authenticate, token: string): Authenticate {
  // Digests, so that the time of the comparison tells nothing of the token.
  const expected = sha256(`Bearer ${token}`);
  return (headers) => {
    const header = authorizationOf(headers);
    const isLocal = header !== null && header.length < 256 && sha256(header) === expected;
    if (!isLocal) return authenticate(headers);
    const told = headerOf(headers, CALLER_HEADER);
    return told === null ? localCaller : parseCaller(told);
  };
}

const authorizationOf = (headers: HeaderSource): string | null =>
  headerOf(headers, "authorization");

function headerOf(headers: HeaderSource, name: string): string | null {
  return typeof headers === "function" ? headers(name) : headers.get(name);
}
