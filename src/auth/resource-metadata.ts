/**
 * How a client finds out where to get a token: protected-resource metadata (RFC 9728) and the
 * `WWW-Authenticate` challenge (RFC 6750) that leads to it.
 *
 * @module
 */

import type { JwtConfig } from "../config/config.ts";
import { AuthError } from "../errors.ts";
import { LEAST_SCOPE, SCOPES } from "./scopes.ts";

/** Where the metadata of `https://host/path` is: here, with `/path` behind it. */
export const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** The metadata of this server. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly resource_name: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ["header"];
}

/**
 * What this server is called in tokens: the configured audience where that is its URL (it is right
 * behind a proxy too), else the URL of the request.
 */
function resourceOf({ audience }: JwtConfig, requestUrl: string): URL {
  return /^https?:\/\//.test(audience) ? new URL(audience) : new URL("/mcp", requestUrl);
}

/** The document at {@link METADATA_PATH}. */
export function resourceMetadata(jwt: JwtConfig, requestUrl: string): ResourceMetadata {
  return {
    resource: resourceOf(jwt, requestUrl).href.replace(/(?<=:\/\/[^/]*)\/$/, ""),
    resource_name: "mcplusplus",
    authorization_servers: [jwt.issuer],
    scopes_supported: SCOPES,
    bearer_methods_supported: ["header"],
  };
}

function metadataUrl(jwt: JwtConfig, requestUrl: string): string {
  const { origin, pathname } = resourceOf(jwt, requestUrl);
  return origin + METADATA_PATH + (pathname === "/" ? "" : pathname);
}

/**
 * The `WWW-Authenticate` header for an error, if it calls for one. Without an authorization server
 * there is nothing to lead a client to, so that API keys get a plain challenge.
 */
export function challengeOf(
  error: unknown,
  jwt: JwtConfig | undefined,
  requestUrl: string,
): string | undefined {
  if (!(error instanceof AuthError)) return undefined;
  const { reason, scopes } = error.data;
  const parameters: [string, string][] = jwt
    ? [["resource_metadata", metadataUrl(jwt, requestUrl)]]
    : [["realm", "mcplusplus"]];
  const blame = (code: string): void => {
    parameters.push(["error", code], ["error_description", error.message]);
  };
  if (error.code === "unauthenticated") {
    if (jwt) parameters.push(["scope", LEAST_SCOPE]);
    // A request without credentials made no mistake to be told of (RFC 6750, 3.1).
    if (reason !== "missing") blame("invalid_token");
  } else if (error.code === "capability_missing" && Array.isArray(scopes)) {
    parameters.push(["scope", scopes.join(" ")]);
    blame("insufficient_scope");
  } else {
    return undefined;
  }
  return `Bearer ${parameters.map(([name, value]) => `${name}="${quoted(value)}"`).join(", ")}`;
}

/** The characters that RFC 6750 allows in a description; `"` and `\` are none of them. */
function quoted(value: string): string {
  return value.replaceAll('"', "'").replaceAll(/[^\x20-\x7e]|\\/g, "?");
}
