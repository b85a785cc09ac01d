/**
 * API keys: `mcpp_<id>_<random>`, known to the server by their SHA-256 alone.
 *
 * A key carries 256 random bits, so one plain hash protects it: there is nothing to guess, and
 * checking one stays cheap enough to do on every request.
 *
 * @module
 */

import type { ApiKeyConfig } from "../config/config.ts";
import { AuthError, InputError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { sha256 } from "../sha256.ts";

/** A new key: the text to show once, and the hash to put into the configuration. */
export interface NewApiKey {
  readonly key: string;
  readonly hash: string;
}

/** Gives that many random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

const PREFIX = "mcpp_";
const KEY = /^mcpp_([a-z0-9-]{1,32})_([A-Za-z0-9_-]{43})$/;
const RANDOM_BYTES = 32;

/** Make a key for `id`; nothing keeps it but the one who reads it. */
export function createApiKey(id: string, random: RandomBytes): NewApiKey {
  if (!/^[a-z0-9-]{1,32}$/.test(id)) {
    throw new InputError(
      "invalid_input",
      `"${id}" cannot name a key: use 1 to 32 of the characters a-z, 0-9 and -`,
      { data: { path: "/id" } },
    );
  }
  const secret = btoa(String.fromCharCode(...random(RANDOM_BYTES)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  const key = `${PREFIX}${id}_${secret}`;
  return { key, hash: hashApiKey(key) };
}

/** The hash of a key, as the configuration holds it. */
export function hashApiKey(key: string): string {
  return `sha256:${sha256(key)}`;
}

/** Whether a bearer token is meant as an API key of this server. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** Compares all of two texts, so that the time it takes says nothing about where they differ. */
function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}

/** A function that gives the caller of a key, or throws `unauthenticated`. */
export function createKeyVerifier(
  keys: readonly ApiKeyConfig[],
  clock: { now(): number },
): (key: string) => Caller {
  const known = new Map(keys.map((entry) => [entry.id, accountOf(entry)]));
  // Compared against when the id is unknown, so that the answer takes as long.
  const nobody = hashApiKey("");

  return (key) => {
    const id = KEY.exec(key)?.[1] ?? "";
    const account = known.get(id);
    const isRight = equalInConstantTime(hashApiKey(key), account?.hash ?? nobody);
    if (!account || !isRight) {
      throw new AuthError(
        "unauthenticated",
        "This API key is not known here: check that it is complete, or ask for a new one",
      );
    }
    if (clock.now() >= account.expiresAt) {
      throw new AuthError(
        "unauthenticated",
        `The API key "${id}" expired on ${new Date(account.expiresAt).toISOString()}: ask for a new one`,
        { data: { reason: "expired" } },
      );
    }
    return account.caller;
  };
}

interface Account {
  readonly hash: string;
  readonly expiresAt: number;
  readonly caller: Caller;
}

function accountOf(entry: ApiKeyConfig): Account {
  const { id, hash, categories, access, abilities = [], expiresAt } = entry;
  return {
    hash: hash.toLowerCase(),
    expiresAt: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
    caller: {
      id: `key:${id}`,
      grant: {
        categories: categories === "*" ? "*" : new Set(categories),
        access,
        abilities: new Set(abilities),
      },
    },
  };
}
