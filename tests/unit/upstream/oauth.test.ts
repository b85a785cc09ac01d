import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { HttpServerConfig } from "../../../src/config/mcp-servers.ts";
import { AuthError, IntegrityError, UnavailableError } from "../../../src/errors.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import type { ConsentRequest } from "../../../src/upstream/consent.ts";
import { createOAuth, type OAuth } from "../../../src/upstream/oauth.ts";
import { createOAuthMemory } from "../../../src/upstream/oauth-memory.ts";

/** An OAuth whose person waits until the test answers. */
function asking(config: Partial<HttpServerConfig> = {}) {
  const asked: ConsentRequest[] = [];
  const answer = Promise.withResolvers<URLSearchParams>();
  let states = 0;
  let grants = 0;
  const refusals: Error[] = [];
  const oauth = createOAuth({
    upstream: "far",
    config: { type: "http", url: "https://far.example/mcp", ...config },
    consent: {
      redirectUrl: "http://localhost:1/callback",
      ask(request) {
        asked.push(request);
        return answer.promise;
      },
    },
    memory: createOAuthMemory(createMemoryStore(), "oauth/far"),
    newState: () => `state-${++states}`,
    granted: () => Promise.resolve(++grants),
    refused: (error) => void refusals.push(error),
    changed: () => {},
    trouble: (error) => {
      throw error;
    },
  });
  return { oauth, asked, answer: answer.resolve, grants: () => grants, refusals };
}

/** What the SDK does when a server wants consent. */
async function sendAway({ provider }: OAuth, verifier: string): Promise<void> {
  const url = new URL("https://issuer.example/authorize");
  url.searchParams.set("state", String(await provider.state?.()));
  await provider.saveCodeVerifier(verifier);
  await provider.redirectToAuthorization(url);
}

const back = (state: string): URLSearchParams => new URLSearchParams({ state, code: "c" });

describe("createOAuth()", () => {
  it("is not there for a server whose token is configured", () => {
    const withToken = asking({ headers: { Authorization: "Bearer t" } });

    assertEquals(withToken.oauth, undefined);
  });

  it("hands out the address, finishes with the answer, and says that permission came", async () => {
    const { oauth, asked, answer, grants } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    const finished: string[] = [];

    const done = oauth.consented(async (params) => void finished.push(params.get("code") ?? ""));

    assertEquals(asked.length, 1);
    assertEquals(oauth.pendingUrl, "https://issuer.example/authorize?state=state-1");
    answer(back("state-1"));
    await done;
    assertEquals(finished, ["c"]);
    assertEquals(grants(), 1);
    assertEquals(oauth.pendingUrl, undefined);
  });

  it("asks once for requests that fail together, and keeps the verifier of what it asked", async () => {
    const { oauth, asked, answer } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    let verifier: string | undefined;
    const finish = async (): Promise<void> => {
      verifier = await oauth.provider.codeVerifier();
    };

    const first = oauth.consented(finish);
    await sendAway(oauth, "v2");
    const second = oauth.consented(finish);
    answer(back("state-1"));
    await Promise.all([first, second]);

    assertEquals(asked.length, 1);
    assertEquals(verifier, "v1");
  });

  it("refuses an answer to another request", async () => {
    const { oauth, answer, grants } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    answer(back("state-of-somebody-else"));

    const error = await assertRejects(() => oauth.consented(async () => {}), IntegrityError);

    assertEquals(error.code, "state_mismatch");
    assertEquals(grants(), 0);
  });

  it("says who was not given consent, once, and asks no more", async () => {
    const { oauth, answer, refusals, grants } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    answer(back("state-1"));

    const refused = oauth.consented(() => Promise.reject(new Error("access_denied")));

    const error = await assertRejects(() => refused, AuthError);
    assertEquals(
      error.message,
      '"far" was not given consent: access_denied; start it again to be asked again',
    );
    assertEquals([refusals, grants(), oauth.pendingUrl], [[error], 0, undefined]);
  });

  it("hands out web pages only", () => {
    const { oauth } = asking();
    const url = new URL("javascript:alert(1)");

    assertThrows(() => oauth?.provider.redirectToAuthorization(url), IntegrityError);
  });

  it("stops waiting when the server is unmounted", async () => {
    const { oauth, asked } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    const waiting = oauth.consented(async () => {});

    oauth.close();

    assert(asked[0]?.signal.aborted);
    await assertRejects(() => waiting, UnavailableError);
  });

  it("gives up with who waits, although the person may still answer", async () => {
    const { oauth, answer, grants } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    const waiting = oauth.consented(() => {
      throw new Error("an answer after the end was used");
    });

    oauth.close();
    answer(back("state-1"));

    const error = await assertRejects(() => waiting, UnavailableError);
    assertEquals(error.message, '"far" is no longer mounted');
    assertEquals([grants(), oauth.pendingUrl], [0, undefined]);
  });

  it("says that permission came only while the server is mounted", async () => {
    const { oauth, answer, grants } = asking();
    assert(oauth);
    await sendAway(oauth, "v1");
    const exchange = Promise.withResolvers<void>();
    const exchanging = Promise.withResolvers<void>();
    const waiting = oauth.consented(() => {
      exchanging.resolve();
      return exchange.promise;
    });
    answer(back("state-1"));
    await exchanging.promise;

    oauth.close();
    exchange.resolve();

    await assertRejects(() => waiting, UnavailableError);
    assertEquals(grants(), 0);
  });

  it("asks nobody where the configuration holds credentials of its own", () => {
    const { oauth } = asking({
      oauth: {
        grant: "client_credentials",
        clientId: "me",
        clientSecret: "s",
        issuer: "https://i",
      },
    });

    assertEquals(oauth?.provider.redirectUrl, undefined);
  });
});
