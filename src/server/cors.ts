/**
 * Lets pages of allowed origins read the answers (CORS). The guard has refused all other origins
 * before; credentials are header values here, never cookies, so none are allowed along.
 *
 * @module
 */

/** Request headers that MCP, REST and event clients send. */
const REQUEST_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "authorization",
  "content-type",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
  "traceparent",
  "tracestate",
]);

/** Parameters that a tool wants as headers too (`x-mcp-header`). */
const PARAM_HEADER = /^mcp-param-[a-z0-9-]+$/;

const EXPOSED_HEADERS = "Mcp-Session-Id, Mcp-Protocol-Version, Retry-After, WWW-Authenticate";

const METHODS = "GET, POST, DELETE";

/** How long a browser need not ask again. */
const MAX_AGE_S = "600";

/** `answer`, readable for pages of `origin`. */
export function withCors(answer: Response, origin: string): Response {
  const headers = new Headers(answer.headers);
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  headers.append("vary", "Origin");
  return new Response(answer.body, {
    status: answer.status,
    statusText: answer.statusText,
    headers,
  });
}

/** The answer to a browser that asks first; `undefined` for any other request. */
export function preflight(request: Request): Response | undefined {
  if (request.method !== "OPTIONS") return undefined;
  if (!request.headers.has("access-control-request-method")) return undefined;
  const wanted = (request.headers.get("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const allowed = wanted.filter((name) => REQUEST_HEADERS.has(name) || PARAM_HEADER.test(name));
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": allowed.join(", "),
      "access-control-max-age": MAX_AGE_S,
      vary: "Access-Control-Request-Headers",
    },
  });
}
