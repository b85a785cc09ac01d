/** A mounted HTTP server's address as a wire, and what its failures mean. @module */

import { SdkHttpError, UnauthorizedError } from "@modelcontextprotocol/client";
import type { HttpServerConfig } from "../config/mcp-servers.ts";
import { InputError, MeshError, messageOf, UnavailableError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ConnectOptions } from "./connection.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { HttpTransport } from "./http-transport.ts";
import type { OAuth } from "./oauth.ts";
import { redact } from "./sanitize.ts";

/** What a connection is made over, and what its failures mean. */
export type Wire = Pick<ConnectOptions, "transport" | "explain">;

/** What reaching an address needs. */
export interface ReachNeeds {
  readonly name: string;
  readonly oauth: OAuth | undefined;
  readonly resolveAddresses: Host["resolveAddresses"] | undefined;
  readonly fetch: typeof fetch;
  readonly maxResultBytes: number;
}

/** The wire to an address; throws `invalid_config` where it is none. */
export function reachAddress(
  { name, oauth, resolveAddresses, fetch, maxResultBytes }: ReachNeeds,
  { url, headers, allowPrivateNetwork = false }: HttpServerConfig,
): Wire {
  if (!URL.canParse(url)) {
    throw new InputError(
      "invalid_config",
      `mcpServers.${name}.url is not an address: "${redact(url)}"`,
      { data: { upstream: name } },
    );
  }
  const transport = new HttpTransport({
    url: new URL(url),
    headers: { ...headers },
    oauth,
    fetch: createGuardedFetch({
      upstream: name,
      allowPrivateNetwork,
      resolveAddresses,
      maxMessageBytes: maxResultBytes,
      fetch,
    }),
  });
  return { transport, explain: (error) => explainHttp(name, url, transport.sessionId, error) };
}

function explainHttp(
  name: string,
  url: string,
  session: string | undefined,
  error: unknown,
): { readonly error: Error; readonly isLost: boolean } {
  const known = knownIn(error);
  if (known) return { error: known, isLost: false };
  const status = error instanceof SdkHttpError ? error.status : undefined;
  const isRefused = status === 401 || status === 403 || error instanceof UnauthorizedError;
  const hint = isRefused ? "; set its token in headers" : "";
  const said = error === undefined ? "the connection was closed" : messageOf(rootOf(error));
  const origin = new URL(url).origin;
  // With a session, 404 and 400 mean that the server does not know it any more.
  const isForgotten = session !== undefined && (status === 404 || status === 400);
  const failure = new UnavailableError(
    "upstream_unavailable",
    `"${name}" at ${origin} cannot be used: ${redact(said)}${hint}`,
    {
      cause: error,
      data: {
        upstream: name,
        ...(status !== undefined && { status }),
        ...(isForgotten && { isForgotten }),
        ...(isRefused && { isRefused }),
      },
    },
  );
  // Without a status nobody answered.
  return { error: failure, isLost: status === undefined || isForgotten };
}

/** An error of ours that the SDK wrapped into one of its own. */
function knownIn(error: unknown): MeshError | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof MeshError) return inner;
  }
  return undefined;
}

/** fetch says only "fetch failed"; what failed is in the cause. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

/** The failure of a start that a person can help. */
export function consentMissing(name: string, url: string, cause: unknown): UnavailableError {
  return new UnavailableError(
    "upstream_unavailable",
    `"${name}" waits for your consent: open ${url}`,
    { cause, data: { upstream: name, consentUrl: url } },
  );
}
