import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createApiKey } from "../../../src/auth/api-keys.ts";
import { createAuthenticator } from "../../../src/auth/authenticate.ts";
import type { Config } from "../../../src/config/config.ts";
import { AuthError } from "../../../src/errors.ts";
import { anonymousCaller } from "../../../src/registry/caller.ts";

const needs = {
  clock: { now: () => 0 },
  fetch: () => Promise.reject(new Error("nothing is fetched here")),
};
const { key, hash } = createApiKey("ci", (length) =>
  crypto.getRandomValues(new Uint8Array(length)),
);

function setUp(anonymous = false) {
  const auth: Config["auth"] = {
    keys: [{ id: "ci", hash, categories: "*", access: "read" }],
    jwt: undefined,
    anonymous,
  };
  return createAuthenticator(auth, needs);
}
const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

describe("createAuthenticator()", () => {
  it("takes everybody for anonymous where nothing is configured, without looking", () => {
    const authenticate = createAuthenticator({ keys: [], jwt: undefined, anonymous: true }, needs);

    const caller = authenticate(() => {
      throw new Error("the headers are not read");
    });

    assert(caller === anonymousCaller);
  });

  it("knows the caller of a key at once, from headers or from a function that reads one", () => {
    const authenticate = setUp();

    const byHeaders = authenticate(bearer(key));
    const byFunction = authenticate((name) => (name === "authorization" ? `bearer ${key}` : null));

    assert(!(byHeaders instanceof Promise) && byHeaders.id === "key:ci");
    assert(byFunction === byHeaders);
  });

  it("refuses a request without credentials, and says which to send", () => {
    const error = assertThrows(() => setUp()(new Headers()), AuthError, "Bearer <API key>");

    assertEquals([error.code, error.data], ["unauthenticated", { reason: "missing" }]);
  });

  it("lets a request without credentials in where anonymous callers are allowed", () => {
    const authenticate = setUp(true);

    assert(authenticate(new Headers()) === anonymousCaller);
    assertThrows(() => authenticate(bearer(`${key}x`)), AuthError, "not known");
  });

  it("refuses every other way of writing the header", () => {
    const authenticate = setUp();
    for (const authorization of [
      key,
      `Basic ${key}`,
      "Bearer",
      `Bearer ${key} x`,
      `Bearer ${key},${key}`,
      "",
    ]) {
      assertThrows(() => authenticate(new Headers({ authorization })), AuthError, "must read");
    }
  });
});
