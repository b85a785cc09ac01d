/** The shapes of API keys and of token checks in the configuration. @module */

import * as v from "valibot";
import type { ApiKeyConfig, JwtConfig } from "./config.ts";

const name = v.pipe(v.string(), v.minLength(1, "must not be empty"));

/** One entry of `auth.keys`. */
export const ApiKeySchema: v.GenericSchema<unknown, ApiKeyConfig> = v.strictObject({
  id: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 of the characters a-z, 0-9 and -"),
    v.description("Name of the key, for logs; part of the key itself"),
  ),
  hash: v.pipe(
    v.string(),
    v.regex(
      /^sha256:[0-9a-f]{64}$/,
      "must be sha256: and 64 hex digits, as `mcpp key hash` prints",
    ),
    v.description("SHA-256 of the key, as printed by mcpp key create"),
  ),
  categories: v.pipe(
    v.optional(v.union([v.literal("*"), v.array(name)]), "*"),
    v.description("Categories that the key may see"),
  ),
  access: v.pipe(
    v.optional(v.picklist(["read", "write", "destructive"]), "read"),
    v.description("How far the key reaches"),
  ),
  abilities: v.pipe(v.optional(v.array(name)), v.description("Named rights, such as admin")),
  expiresAt: v.pipe(
    v.optional(v.pipe(v.string(), v.isoTimestamp("must be a time such as 2027-01-31T00:00:00Z"))),
    v.description("When the key stops working"),
  ),
});

const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

/** `auth.jwt`. */
export const JwtSchema: v.GenericSchema<unknown, JwtConfig> = v.strictObject({
  issuer: v.pipe(name, v.description("The iss that tokens must carry")),
  audience: v.pipe(name, v.description("The aud that tokens must carry: the public URL of /mcp")),
  jwksUri: v.pipe(v.optional(v.pipe(v.string(), v.url())), v.description("Where the keys are")),
  jwks: v.pipe(
    v.optional(v.strictObject({ keys: v.array(v.record(v.string(), v.unknown())) })),
    v.description("The keys themselves, instead of jwksUri"),
  ),
  algorithms: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(algorithms)), v.minLength(1)), ["RS256", "ES256"]),
    v.description("Signature algorithms that are accepted"),
  ),
});
