import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { HttpTransport } from "../../../src/upstream/http-transport.ts";
import type { OAuth } from "../../../src/upstream/oauth.ts";

const SERVER = "https://far.example";
const ISSUER = "https://issuer.example";

/** A server that wants a token of its issuer, both as one `fetch` that remembers its requests. */
function serverAndIssuer() {
  const seen: { readonly url: string; readonly headers: Headers }[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    [`${SERVER}/.well-known/oauth-protected-resource`]: {
      resource: `${SERVER}/mcp`,
      authorization_servers: [ISSUER],
    },
    [`${ISSUER}/.well-known/oauth-authorization-server`]: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
    },
    [`${ISSUER}/token`]: { access_token: "granted", token_type: "Bearer" },
  };
  const fetch = (target: string | URL, init?: RequestInit): Promise<Response> => {
    const url = String(target);
    const headers = new Headers(init?.headers);
    seen.push({ url, headers });
    if (url !== `${SERVER}/mcp`) {
      const found = answers[url];
      return Promise.resolve(found ? Response.json(found) : new Response(null, { status: 404 }));
    }
    const status = headers.get("authorization") === "Bearer granted" ? 202 : 401;
    return Promise.resolve(new Response(null, { status }));
  };
  return { seen, fetch };
}

function permission(): { oauth: OAuth; consents: () => number } {
  let [consents, verifier] = [0, ""];
  let token: { access_token: string; token_type: string } | undefined;
  let discovery: object | undefined;
  const closed = new AbortController();
  const provider = {
    redirectUrl: "http://localhost:1/callback",
    clientMetadata: { redirect_uris: ["http://localhost:1/callback"] },
    clientInformation: () => ({ client_id: "me", issuer: ISSUER }),
    tokens: () => token,
    saveTokens: (tokens: { access_token: string; token_type: string }) => {
      token = tokens;
    },
    redirectToAuthorization: () => {},
    saveCodeVerifier: (value: string) => {
      verifier = value;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state: object) => {
      discovery = state;
    },
    discoveryState: () => discovery as never,
  };
  const oauth: OAuth = {
    provider,
    pendingUrl: undefined,
    closed: closed.signal,
    async consented(finish) {
      consents += 1;
      await finish(new URLSearchParams({ code: "c" }));
    },
    close: () => closed.abort(new Error("unmounted")),
  };
  return { oauth, consents: () => consents };
}

describe("HttpTransport", () => {
  const message = { jsonrpc: "2.0", method: "notifications/anything" } as const;
  const headers = { "X-Api-Key": "secret" };

  it("waits for consent where a message needs it, and sends it again", async () => {
    const { fetch, seen } = serverAndIssuer();
    const { oauth, consents } = permission();
    const transport = new HttpTransport({ url: new URL(`${SERVER}/mcp`), headers, fetch, oauth });
    await transport.start();

    await transport.send(message);
    await transport.send(message);

    assertEquals(consents(), 1);
    const asked = seen.filter(({ url }) => url === `${SERVER}/mcp`);
    assertEquals(
      asked.map((request) => request.headers.get("authorization")),
      [null, "Bearer granted", "Bearer granted"],
    );
  });

  it("ends what it asks of an authorization server when the server is unmounted", async () => {
    const { fetch } = serverAndIssuer();
    const { oauth } = permission();
    const asked = Promise.withResolvers<AbortSignal | null | undefined>();
    const hanging: typeof fetch = (target, init) => {
      if (String(target) !== `${ISSUER}/token`) return fetch(target, init);
      const { promise, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      asked.resolve(init?.signal);
      return promise;
    };
    const transport = new HttpTransport({
      ...{ url: new URL(`${SERVER}/mcp`), headers, fetch: hanging, oauth },
    });
    await transport.start();
    const sent = transport.send(message);
    const signal = await asked.promise;

    await transport.close();
    assertEquals(signal?.aborted, false);
    oauth.close();

    assertEquals(signal?.aborted, true);
    await assertRejects(() => sent);
  });

  it("shows the configured headers to the server and to nobody else", async () => {
    const { fetch, seen } = serverAndIssuer();
    const { oauth } = permission();
    const transport = new HttpTransport({ url: new URL(`${SERVER}/mcp`), headers, fetch, oauth });
    await transport.start();

    await transport.send(message);

    const keyOf = (origin: string) => [
      ...new Set(
        seen.filter(({ url }) => url.startsWith(origin)).map((one) => one.headers.get("x-api-key")),
      ),
    ];
    assertEquals(keyOf(SERVER), ["secret"]);
    assertEquals(keyOf(ISSUER), [null]);
  });
});
