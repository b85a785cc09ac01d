/** Access tokens of an authorization server: signature, issuer, audience and time. @module */

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import type { JwtConfig } from "../config/config.ts";
import { AuthError, InputError, messageOf, UnavailableError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { grantOf, LEAST_SCOPE } from "./scopes.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

/** What checking tokens needs. */
export interface JwtNeeds {
  readonly clock: { now(): number };
  /** Fetches the issuer's keys. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** How far the clocks of issuer and server may be apart. */
const CLOCK_TOLERANCE_S = 5;
/** A key that the issuer withdraws stops working here after this long at the latest. */
const MAX_TRUST_MS = 300_000;
const MAX_TOKENS = 1000;
/** A token with an unknown key id makes us ask the issuer again, but not more often than this. */
const REFRESH_COOLDOWN_MS = 30_000;
const KEYS_MAX_AGE_MS = 600_000;
const FETCH_TIMEOUT_MS = 5000;
/** While the issuer cannot be reached, requests are refused at once instead of waiting for it. */
const RETRY_AFTER_MS = 5000;

/** Longer ones are refused unread. */
const MAX_TOKEN_LENGTH = 16_384;

/** A function that gives the caller of a token: at once when it was verified lately. */
export function createTokenVerifier(
  config: JwtConfig,
  needs: JwtNeeds,
): (token: string) => Caller | Promise<Caller> {
  const { issuer, audience, algorithms } = config;
  const keys = keysOf(config, needs);
  const verified = createVerifiedTokens(needs.clock, MAX_TOKENS);

  const verify = async (token: string): Promise<Caller> => {
    if (token.length > MAX_TOKEN_LENGTH) throw refused("it is too long");
    const now = needs.clock.now();
    const payload = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now),
      requiredClaims: ["exp", "sub"],
    }).then(
      (result) => result.payload,
      (error: unknown) => {
        throw explain(error, config);
      },
    );
    const caller = callerOf(payload);
    verified.set(token, caller, Math.min((payload.exp ?? 0) * 1000, now + MAX_TRUST_MS));
    return caller;
  };

  return (token) => verified.get(token) ?? verify(token);
}

function keysOf({ jwks, jwksUri }: JwtConfig, { clock, fetch }: JwtNeeds): JWTVerifyGetKey {
  // jose checks the shape of the keys itself.
  if (jwks) return createLocalJWKSet(jwks as unknown as JSONWebKeySet);
  if (jwksUri === undefined) {
    throw new InputError("invalid_config", "auth.jwt needs jwksUri or jwks to check tokens with");
  }
  let failedAt = Number.NEGATIVE_INFINITY;
  const ask = async (url: string, init: RequestInit): Promise<Response> => {
    if (clock.now() - failedAt < RETRY_AFTER_MS) throw new Error("it did not answer just now");
    try {
      const response = await fetch(url, init);
      if (response.status !== 200) throw new Error(`it answered ${response.status}`);
      return response;
    } catch (error) {
      failedAt = clock.now();
      throw error;
    }
  };
  return createRemoteJWKSet(new URL(jwksUri), {
    cooldownDuration: REFRESH_COOLDOWN_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    timeoutDuration: FETCH_TIMEOUT_MS,
    [customFetch]: ask,
  });
}

/** The scopes of a token, in the three ways in which issuers write them. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === "string") return given.split(" ");
  return Array.isArray(given) ? given.map(String) : [];
}

function callerOf(payload: JWTPayload): Caller {
  const grant = grantOf(scopesOf(payload));
  if (!grant) {
    throw new AuthError(
      "capability_missing",
      `The token has no scope of this server: ask for ${LEAST_SCOPE} at least`,
      { data: { scopes: [LEAST_SCOPE] } },
    );
  }
  // The id stands in logs and labels: one line, and not longer than is useful there.
  const subject = String(payload.sub)
    .replaceAll(/[^\x21-\x7e]/g, "_")
    .slice(0, 128);
  return { id: `user:${subject}`, grant };
}

function refused(why: string, cause?: unknown, reason = "invalid"): AuthError {
  return new AuthError("unauthenticated", `The token was refused: ${why}`, {
    cause,
    data: { reason },
  });
}

function explain(error: unknown, { issuer, audience, algorithms }: JwtConfig): Error {
  if (error instanceof AuthError) return error;
  if (error instanceof errors.JWTExpired) {
    return refused("it has expired, get a new one", error, "expired");
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wanted = new Map([
      ["iss", `its issuer (iss) must be ${issuer}`],
      ["aud", `it was made for another server, its audience (aud) must be ${audience}`],
      ["nbf", "it is not valid yet"],
    ]);
    return refused(wanted.get(error.claim) ?? `its claim ${error.claim} is not right`, error);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused("its signature is not right", error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused(`it must be signed with ${algorithms.join(" or ")}`, error);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused("the issuer has no key of that id", error);
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused("it does not say with which of the issuer's keys (kid) it was signed", error);
  }
  const isMalformed = [errors.JWTInvalid, errors.JWSInvalid, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
  if (isMalformed) return refused("it is not a signed JSON Web Token", error);
  return new UnavailableError(
    "upstream_unavailable",
    `The keys of ${issuer} could not be read, so no token can be checked: ${messageOf(error)}`,
    { cause: error, data: { retryAfterMs: RETRY_AFTER_MS } },
  );
}
