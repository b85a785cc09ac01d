/** Who sends a request, by its `Authorization` header. @module */

import type { Config } from "../config/config.ts";
import { AuthError } from "../errors.ts";
import { anonymousCaller, type Caller } from "../registry/caller.ts";
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
    const header =
      typeof headers === "function" ? headers("authorization") : headers.get("authorization");
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
