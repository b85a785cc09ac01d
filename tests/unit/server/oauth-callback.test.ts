import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { oauthCallback } from "../../../src/server/oauth-callback.ts";
import { askApp } from "../../support/http-app.ts";

const callback = (query: string, method = "GET"): Request =>
  new Request(`http://127.0.0.1:8000/oauth/callback?${query}`, { method });

/** Takes the answers to these states and remembers them. */
function waiting(...states: readonly string[]) {
  const taken: string[] = [];
  const arrived = (params: URLSearchParams): boolean => {
    const state = params.get("state") ?? "";
    if (!states.includes(state)) return false;
    taken.push(params.toString());
    return true;
  };
  return { arrived, taken };
}

describe("oauthCallback()", () => {
  it("hands over what was brought back, and lets the person go", async () => {
    const { arrived, taken } = waiting("s1");

    const answer = oauthCallback(callback("state=s1&code=c"), arrived);

    assertEquals(await answer.text(), "Thank you, that is all. You can close this window.\n");
    assertEquals(taken, ["state=s1&code=c"]);
    assertEquals(answer.headers.get("cache-control"), "no-store");
    assertEquals(answer.headers.get("referrer-policy"), "no-referrer");
  });

  it("hands over a refusal as well", async () => {
    const { arrived, taken } = waiting("s1");

    const answer = oauthCallback(callback("state=s1&error=access_denied"), arrived);

    assertMatch(await answer.text(), /^Access was not allowed\./);
    assertEquals(taken.length, 1);
  });

  it("refuses what nobody waits for", () => {
    const { arrived } = waiting("s1");

    for (const query of ["state=other&code=c", "code=c", ""]) {
      const error = assertThrows(() => oauthCallback(callback(query), arrived), InputError);
      assertEquals(error.code, "invalid_input");
    }
  });

  it("is not used up by a preview of the address", () => {
    const { arrived, taken } = waiting("s1");

    const answer = oauthCallback(callback("state=s1&code=c", "HEAD"), arrived);

    assertEquals([answer.status, taken], [200, []]);
  });

  it("is a route without a key, for the names of this server alone", async () => {
    const { ask } = askApp({ auth: { keys: [], jwt: undefined, anonymous: false } });
    const path = "/oauth/callback?state=s1&code=c";

    const unknown = await ask(path);
    const rebound = await ask(path, { headers: { host: "evil.example" } });

    assertEquals([unknown.status, rebound.status], [400, 403]);
  });
});
