/**
 * An MCP server that wants a token, and the authorization server that gives it, both over loopback.
 *
 * The authorization server holds to the specification where a client could get it wrong: dynamic
 * registration, PKCE with S256, the exact redirect address, the resource, codes that work once.
 *
 * @module
 */

import { createMcpHandler } from "@modelcontextprotocol/server";
import { listen } from "./http-server.ts";
import { createModernServer } from "./modern-server.ts";

/** Both servers, and what they have seen. */
export interface GuardedLoopback {
  readonly url: string;
  /** How many people consented. */
  readonly consents: number;
  /** What is wrong with requests so far, in sentences. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** What the authorization server knows. */
function createIssuer(faults: string[]) {
  const clients = new Map<string, readonly string[]>();
  const codes = new Map<string, Grant>();
  const tokens = new Set<string>();
  const expect = (holds: boolean, sentence: string): void => {
    if (!holds) faults.push(sentence);
  };
  const state = { issuer: "", resource: "" };
  return {
    state,
    tokens,
    get consents() {
      return codes.size;
    },
    metadata: (): object => ({
      issuer: state.issuer,
      authorization_endpoint: `${state.issuer}/authorize`,
      token_endpoint: `${state.issuer}/token`,
      registration_endpoint: `${state.issuer}/register`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      authorization_response_iss_parameter_supported: true,
    }),
    async register(request: Request): Promise<Response> {
      const { redirect_uris: uris } = (await request.json()) as { redirect_uris: string[] };
      const id = `client-${clients.size + 1}`;
      clients.set(id, uris);
      return Response.json({ client_id: id, redirect_uris: uris }, { status: 201 });
    },
    /** A person who consents at once. */
    authorize(params: URLSearchParams): Response {
      const clientId = params.get("client_id") ?? "";
      const redirectUri = params.get("redirect_uri") ?? "";
      expect(clients.get(clientId)?.includes(redirectUri) === true, `${redirectUri} is unknown`);
      expect(params.get("code_challenge_method") === "S256", "PKCE is not S256");
      expect(params.get("resource") === state.resource, "the resource is another");
      const code = `code-${codes.size + 1}`;
      codes.set(code, { clientId, redirectUri, challenge: params.get("code_challenge") ?? "" });
      const back = new URL(redirectUri);
      back.searchParams.set("code", code);
      back.searchParams.set("state", params.get("state") ?? "");
      back.searchParams.set("iss", state.issuer);
      return new Response(null, { status: 302, headers: { location: back.href } });
    },
    async token(params: URLSearchParams): Promise<Response> {
      const grant = codes.get(params.get("code") ?? "");
      expect(grant?.redirectUri === params.get("redirect_uri"), "the redirect address is another");
      const isProven = grant?.challenge === (await s256(params.get("code_verifier") ?? ""));
      expect(isProven, "the verifier does not fit");
      if (!isProven) return Response.json({ error: "invalid_grant" }, { status: 400 });
      const token = `token-${tokens.size + 1}`;
      tokens.add(token);
      return Response.json({ access_token: token, token_type: "Bearer", expires_in: 3600 });
    },
  };
}

/** Start both. */
export async function listenGuarded(): Promise<GuardedLoopback> {
  const faults: string[] = [];
  const issuer = createIssuer(faults);
  const authorization = await listen(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/.well-known/oauth-authorization-server") {
      return Response.json(issuer.metadata());
    }
    if (pathname === "/register") return issuer.register(request);
    if (pathname === "/authorize") return issuer.authorize(searchParams);
    if (pathname === "/token") return issuer.token(new URLSearchParams(await request.text()));
    return new Response(null, { status: 404 });
  });
  issuer.state.issuer = new URL(authorization.url).origin;
  const handler = createMcpHandler(() => createModernServer(), { legacy: "reject" });
  const server = await listen((request) => {
    const { pathname, origin } = new URL(request.url);
    const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
    if (request.url === metadata) {
      return Response.json({
        resource: issuer.state.resource,
        authorization_servers: [issuer.state.issuer],
      });
    }
    if (pathname !== "/mcp") return new Response(null, { status: 404 });
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (issuer.tokens.has(token)) return handler.fetch(request);
    const challenge = `Bearer resource_metadata="${metadata}"`;
    return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
  });
  issuer.state.resource = server.url;
  return {
    url: server.url,
    get consents() {
      return issuer.consents;
    },
    faults,
    close: async () => {
      await Promise.all([server.close(), authorization.close()]);
    },
  };
}
