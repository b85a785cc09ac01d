import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import type { Consent, ConsentRequest } from "../../src/upstream/consent.ts";
import { createGuardedServer } from "../support/upstreams/guarded-server.ts";
import { address, mount } from "../support/upstreams/mounted.ts";

/** A person who is asked, and answers when the test says so. */
function person(): {
  consent: Consent;
  asked: ConsentRequest[];
  answer(params: URLSearchParams): void;
} {
  const asked: ConsentRequest[] = [];
  const answered = Promise.withResolvers<URLSearchParams>();
  const ask = (request: ConsentRequest): Promise<URLSearchParams> => {
    asked.push(request);
    return answered.promise;
  };
  return {
    consent: { redirectUrl: "http://localhost:1/callback", ask },
    asked,
    answer: answered.resolve,
  };
}

/** A person who consents at once to whatever they are asked. */
const willing = (
  server: ReturnType<typeof createGuardedServer>,
  asked: string[] = [],
): Consent => ({
  redirectUrl: "http://localhost:1/callback",
  async ask({ url }) {
    asked.push(url);
    return server.consentTo(url);
  },
});

describe("a mounted server that wants consent", () => {
  it("is used once a person consented, and not asked for again after a restart", async (t) => {
    const server = createGuardedServer();
    const store = createMemoryStore();
    const asked: string[] = [];
    const needs = { fetch: server.fetch, consent: willing(server, asked) };
    const config = { far: address(server.url) };

    const first = await mount(t, config, { store, needs });
    assertEquals(first.status("far").state, "ready");
    assert((await first.names()).length > 0);
    await first.upstreams.close();
    const second = await mount(t, config, { store, needs });
    await second.upstreams.start("far");

    assertEquals(second.status("far").state, "ready");
    assertEquals(asked.length, 1);
    assertEquals(server.granted, ["token-1"]);
  });

  it("says where to consent while it waits, and starts when the answer comes", async (t) => {
    const server = createGuardedServer();
    const { consent, asked, answer } = person();
    const needs = { fetch: server.fetch, consent };

    const mounted = await mount(t, { far: address(server.url) }, { needs, startTimeoutMs: 300 });
    const { error = "" } = mounted.status("far");
    answer(server.consentTo(asked[0]?.url ?? ""));
    await mounted.until(() => mounted.status("far").state === "ready");

    assertMatch(
      error,
      /^"far" waits for your consent: open https:\/\/issuer\.example\/authorize\?/,
    );
    assertEquals(asked.length, 1);
  });

  it("is asked again when its token is no longer good", async (t) => {
    const server = createGuardedServer();
    const asked: string[] = [];
    const needs = { fetch: server.fetch, consent: willing(server, asked) };
    const { upstreams, status } = await mount(t, { far: address(server.url) }, { needs });

    server.revoke();
    await upstreams.stop("far");
    await upstreams.start("far");

    assertEquals(status("far").state, "ready");
    assertEquals(asked.length, 2);
    assertEquals(server.granted.length, 2);
  });

  it("stays stopped when permission comes after it was unmounted", async (t) => {
    const server = createGuardedServer();
    const exchange = Promise.withResolvers<void>();
    const exchanging = Promise.withResolvers<void>();
    let isUnmounted = false;
    const late: string[] = [];
    const fetch = (async (target: string | URL, init?: RequestInit) => {
      if (isUnmounted) late.push(String(target));
      if (!String(target).endsWith("/token")) return server.fetch(target, init);
      exchanging.resolve();
      await exchange.promise;
      return server.fetch(target);
    }) as typeof globalThis.fetch;
    const config = { far: address(server.url) };
    const needs = { fetch, consent: willing(server) };
    const mounted = await mount(t, {}, { needs, startTimeoutMs: 60_000 });
    await mounted.upstreams.apply(config);
    await exchanging.promise;

    await mounted.upstreams.close();
    isUnmounted = true;
    exchange.resolve();
    // Nothing of it takes real time: what could follow the answer follows within these turns.
    for (let turn = 0; turn < 100; turn += 1) await new Promise((next) => setImmediate(next));

    assertEquals(late, []);
    assertEquals(server.granted, ["token-1"]);
  });

  it("says that it wants a token where nobody can be asked", async (t) => {
    const server = createGuardedServer();

    const { status } = await mount(
      t,
      { far: address(server.url) },
      { needs: { fetch: server.fetch } },
    );

    assertMatch(status("far").error ?? "", /set its token in headers$/);
  });
});
