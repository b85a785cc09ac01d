/** A mounted server that wants a token of its own authorization server, both without a socket. @module */

import { createMcpHandler } from "@modelcontextprotocol/server";
import { createModernServer } from "./modern-server.ts";

const SERVER = "https://tools.example";
const ISSUER = "https://issuer.example";

/** The server, and what it has seen. */
export interface GuardedServer {
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Tokens that were given out. */
  readonly granted: readonly string[];
  /** Tokens given out so far are no longer good. */
  revoke(): void;
  /** Where a person who opened this address is sent back to. */
  consentTo(url: string): URLSearchParams;
}

/** A guarded server of the modern era. */
export function createGuardedServer(): GuardedServer {
  const handler = createMcpHandler(() => createModernServer({ hasGrown: false }), {
    legacy: "reject",
  });
  const granted: string[] = [];
  let isRevoked = false;
  const challenge = { "www-authenticate": `Bearer resource_metadata="${SERVER}/metadata"` };

  const documents: Readonly<Record<string, () => unknown>> = {
    [`${SERVER}/metadata`]: () => ({ resource: `${SERVER}/mcp`, authorization_servers: [ISSUER] }),
    [`${ISSUER}/.well-known/oauth-authorization-server`]: () => ({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      registration_endpoint: `${ISSUER}/register`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    }),
    [`${ISSUER}/register`]: () => ({
      client_id: "registered",
      redirect_uris: ["http://localhost"],
    }),
    [`${ISSUER}/token`]: () => {
      isRevoked = false;
      granted.push(`token-${granted.length + 1}`);
      return { access_token: granted.at(-1), token_type: "Bearer" };
    },
  };

  const answer = async (request: Request): Promise<Response> => {
    const document = documents[request.url];
    if (document) {
      const status = request.url.endsWith("/register") ? 201 : 200;
      return Response.json(document(), { status });
    }
    if (request.url !== `${SERVER}/mcp`) return new Response(null, { status: 404 });
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    const isGood = token !== undefined && token === granted.at(-1) && !isRevoked;
    return isGood
      ? handler.fetch(request)
      : new Response(null, { status: 401, headers: challenge });
  };

  return {
    url: `${SERVER}/mcp`,
    fetch: ((target: string | URL, init?: RequestInit) =>
      answer(new Request(target, init))) as typeof fetch,
    granted,
    revoke() {
      isRevoked = true;
    },
    consentTo(url) {
      const state = new URL(url).searchParams.get("state") ?? "";
      return new URLSearchParams({ state, code: "consented" });
    },
  };
}
