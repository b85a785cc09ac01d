import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  createApiKey,
  createKeyVerifier,
  hashApiKey,
  looksLikeApiKey,
} from "../../../src/auth/api-keys.ts";
import { AuthError, InputError } from "../../../src/errors.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const clock = { now: () => Date.UTC(2026, 5, 1) };

describe("createApiKey()", () => {
  it("makes a key that names its id, carries 256 random bits and fits its hash", () => {
    const { key, hash } = createApiKey("ci", random);

    assertMatch(key, /^mcpp_ci_[A-Za-z0-9_-]{43}$/);
    assertEquals(hash, hashApiKey(key));
    assertMatch(hash, /^sha256:[0-9a-f]{64}$/);
    assert(looksLikeApiKey(key));
  });

  it("spends all the randomness it is given", () => {
    const one = createApiKey("ci", (length) => new Uint8Array(length).fill(255));
    const other = createApiKey("ci", (length) => new Uint8Array(length).fill(255).with(31, 254));

    assertEquals(one.key, `mcpp_ci_${"_".repeat(42)}8`);
    assert(one.key !== other.key);
  });

  it("refuses an id that the key's format cannot hold", () => {
    assertThrows(() => createApiKey("my_key", random), InputError, '"my_key"');
    assertThrows(() => createApiKey("", random), InputError);
  });
});

describe("createKeyVerifier()", () => {
  const { key, hash } = createApiKey("ci", random);

  it("gives the caller that the entry describes, the same one every time", () => {
    const verify = createKeyVerifier(
      [{ id: "ci", hash, categories: ["cache"], access: "write", abilities: ["admin"] }],
      clock,
    );

    const caller = verify(key);

    assertEquals(caller, {
      id: "key:ci",
      grant: { categories: new Set(["cache"]), access: "write", abilities: new Set(["admin"]) },
    });
    assert(verify(key) === caller);
  });

  it("refuses every other key, and does not say which part is wrong", () => {
    const verify = createKeyVerifier([{ id: "ci", hash, categories: "*", access: "read" }], clock);
    const last = key.endsWith("A") ? "B" : "A";

    const messages = [
      createApiKey("ci", random).key,
      createApiKey("other", random).key,
      key.replace("_ci_", "_cj_"),
      key.slice(0, -1) + last,
      key.slice(0, -1),
      `${key}x`,
      "mcpp_",
      "",
    ].map((wrong) => {
      const error = assertThrows(() => verify(wrong), AuthError);
      assertEquals(error.code, "unauthenticated");
      return error.message;
    });

    assertEquals(new Set(messages).size, 1);
  });

  it("refuses a key from the moment it expires", () => {
    let now = Date.parse("2026-01-31T23:59:59.999Z");
    const entry = { id: "ci", hash, categories: "*", access: "read" } as const;
    const verify = createKeyVerifier([{ ...entry, expiresAt: "2026-02-01T00:00:00Z" }], {
      now: () => now,
    });
    assertEquals(verify(key).id, "key:ci");

    now += 1;

    assertThrows(() => verify(key), AuthError, "expired on 2026-02-01T00:00:00.000Z");
  });
});
