/** `GET /`: what this is, and where to point a client. @module */

/** What the page tells. */
export interface LandingFacts {
  readonly name: string;
  readonly version: string;
  readonly toolCount: number;
  readonly categoryCount: number;
  /** Where this server was asked for, e.g. `http://127.0.0.1:8000`. */
  readonly origin: string;
}

const LINKS = {
  tools: "/tools",
  openapi: "/openapi.json",
  health: "/health",
  ready: "/ready",
  metrics: "/metrics",
  events: "/events",
} as const;

/** The page for people, the same facts as JSON for programs. */
export function landing(facts: LandingFacts, accept: string | null): Response {
  const { origin, ...server } = facts;
  const headers = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    vary: "Accept",
  };
  if (!accept?.includes("text/html")) {
    return Response.json({ ...server, mcp: `${origin}/mcp`, ...LINKS }, { headers });
  }
  return new Response(page(facts), {
    headers: {
      ...headers,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      "referrer-policy": "no-referrer",
    },
  });
}

function page({ name, version, toolCount, categoryCount, origin }: LandingFacts): string {
  const links = Object.values(LINKS).map((path) => `<li><a href="${path}">${path}</a></li>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(name)}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
  code { padding: .2em .4em; border: 1px solid; border-radius: .3em; }
</style>
<h1>${escapeHtml(name)} ${escapeHtml(version)}</h1>
<p>An MCP server with ${toolCount} tools in ${categoryCount} categories. Point your client to</p>
<p><code>${escapeHtml(`${origin}/mcp`)}</code></p>
<p>Over plain HTTP: <code>GET /tools?query=…</code> finds a tool, <code>GET /tools/&lt;name&gt;</code>
describes it, <code>POST /tools/&lt;name&gt;</code> calls it with its parameters as JSON.</p>
<ul>${links.join("")}</ul>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
