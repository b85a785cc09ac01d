/** The routes beside `/mcp`: REST over tools, OpenAPI, health, metrics, events and peers. @module */

import { Hono } from "hono";
import { isAuthOn } from "../auth/authenticate.ts";
import { METADATA_PATH, resourceMetadata } from "../auth/resource-metadata.ts";
import { scopeOf } from "../auth/scopes.ts";
import type { JwtConfig } from "../config/config.ts";
import { AuthError } from "../errors.ts";
import { anonymousCaller, type Caller, type Grant } from "../registry/caller.ts";
import { formatPrometheus, PROMETHEUS_TYPE } from "../telemetry/prometheus.ts";
import type { AnswerError } from "./errors.ts";
import type { EventStreams } from "./event-streams.ts";
import { joinPage, toJoinPage } from "./join-page.ts";
import { landing } from "./landing.ts";
import type { HttpNeeds } from "./needs.ts";
import { methodNotAllowed, notFound } from "./not-found.ts";
import { CALLBACK_PATH, oauthCallback } from "./oauth-callback.ts";
import { openApiOf } from "./openapi.ts";
import { createPeerRecordRoutes } from "./peer-records.ts";
import { createRest } from "./rest.ts";

/** What the routes need beside what the whole surface needs. */
export interface RouteNeeds extends HttpNeeds {
  readonly jwt: () => JwtConfig | undefined;
  readonly streams: EventStreams;
  readonly answerError: AnswerError;
}

/** Answers a request of a known caller; `name` is the last part of `/tools/:name`. */
type Handler = (request: Request, caller: Caller, name: string) => Response | Promise<Response>;

interface Route {
  readonly path: string;
  readonly methods: Readonly<Record<string, Handler>>;
  /** Answered without asking who is there. */
  readonly isPublic?: boolean;
}

const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** The routes as one app. */
export function createRoutes(needs: RouteNeeds): Pick<Hono, "fetch"> {
  const { authenticate, answerError, metrics } = needs;
  const requests = metrics.counter("mcpp_http_requests_total", "Requests beside /mcp", [
    "route",
    "status",
  ]);
  const routes = tableOf(needs);
  const app = new Hono();

  const counted = (path: string, answer: Response): Response => {
    requests.with(path, String(answer.status)).add(1);
    return answer;
  };
  for (const { path, methods, isPublic } of routes) {
    for (const [method, handle] of Object.entries(methods)) {
      app.on(method, path, async ({ req }) => {
        try {
          const caller = isPublic ? anonymousCaller : await authenticate(req.raw.headers);
          return counted(path, await handle(req.raw, caller, req.param("name") ?? ""));
        } catch (error) {
          return counted(path, answerError(error, req.raw));
        }
      });
    }
    const allow = Object.keys(methods).join(", ");
    app.all(path, ({ req }) => {
      const answer = answerError(methodNotAllowed(req.method, req.path, allow), req.raw);
      answer.headers.set("allow", allow);
      return counted(path, answer);
    });
  }
  const paths = routes.map(({ path }) => path).filter((path) => /^\/[a-z.]+$/.test(path));
  paths.push("/mcp");
  app.notFound(({ req }) => counted("(none)", answerError(notFound(req.path, paths), req.raw)));
  return app;
}

function tableOf(needs: RouteNeeds): readonly Route[] {
  const { call, config, streams, metrics } = needs;
  const rest = createRest({ call, maxBodyBytes: () => config().listen.maxBodyBytes });
  const peers = createPeerRecordRoutes({
    peers: needs.peers ?? (() => undefined),
    clock: needs.clock,
  });
  const page = {
    readPage: needs.readPage,
    hasMesh: (): boolean => needs.peers?.() !== undefined,
  };
  const GET = (handle: Handler): Route["methods"] => ({ GET: handle });
  return [
    { path: "/", methods: GET((request, caller) => landingOf(needs, request, caller)) },
    { path: "/tools", methods: GET(rest.list) },
    { path: "/tools/:name", methods: { GET: rest.describe, POST: rest.run } },
    { path: "/openapi.json", methods: GET(openApi(needs)) },
    { path: "/health", isPublic: true, methods: GET(() => health(needs)) },
    { path: "/ready", isPublic: true, methods: GET(() => ready(needs)) },
    {
      path: "/metrics",
      methods: GET((_, caller) => {
        mustSeeAll(caller);
        const text = formatPrometheus(metrics.snapshot());
        return new Response(text, { headers: { ...PRIVATE, "content-type": PROMETHEUS_TYPE } });
      }),
    },
    {
      path: "/events",
      methods: GET((request, caller) =>
        request.method === "HEAD"
          ? new Response(null, { headers: { ...PRIVATE, "content-type": "text/event-stream" } })
          : streams.open(caller, request.headers.get("last-event-id")),
      ),
    },
    { path: "/join", isPublic: true, methods: GET(toJoinPage) },
    { path: "/join/", isPublic: true, methods: GET(() => joinPage(page, "")) },
    { path: "/join/:name", isPublic: true, methods: GET((_, __, name) => joinPage(page, name)) },
    { path: "/peers", isPublic: true, methods: { GET: peers.list, POST: peers.take } },
    {
      path: CALLBACK_PATH,
      isPublic: true,
      methods: GET((request) => oauthCallback(request, needs.consentArrived ?? (() => false))),
    },
    { path: METADATA_PATH, isPublic: true, methods: GET((request) => metadata(needs, request)) },
    {
      path: `${METADATA_PATH}/mcp/:name?`,
      isPublic: true,
      methods: GET((request) => metadata(needs, request)),
    },
  ];
}

function landingOf({ server, registry }: RouteNeeds, request: Request, caller: Caller): Response {
  const categories = registry.categories(caller);
  const facts = {
    ...server,
    toolCount: categories.reduce((sum, { toolCount }) => sum + toolCount, 0),
    categoryCount: categories.length,
    origin: new URL(request.url).origin,
  };
  return landing(facts, request.headers.get("accept"));
}

/** The document is made once for every set of tools and every grant. */
function openApi({ registry, server, config }: RouteNeeds): Handler {
  const known = new WeakMap<Grant, { readonly version: number; readonly text: string }>();
  return async (_, caller) => {
    const { version } = registry;
    let document = known.get(caller.grant);
    if (document?.version !== version) {
      const info = {
        title: server.name,
        version: server.version,
        isAuthOn: isAuthOn(config().auth),
      };
      const text = JSON.stringify(openApiOf(await registry.list(caller), info));
      document = { version, text };
      known.set(caller.grant, document);
    }
    const headers = { ...PRIVATE, "content-type": "application/json" };
    return new Response(document.text, { headers });
  };
}

/** That it answers is the answer; what may be wrong with it is for `/ready`. */
function health({ server }: RouteNeeds): Response {
  return Response.json({ status: "ok", version: server.version }, { headers: PRIVATE });
}

/** Who is let in without a name learns which checks fail, not what stands in their way. */
async function ready({ monitor, config }: RouteNeeds): Promise<Response> {
  const { healthy, checks } = await monitor.health();
  if (healthy) return Response.json({ status: "ready" }, { headers: PRIVATE });
  const isOpen = !isAuthOn(config().auth);
  const failing = checks
    .filter((check) => !check.healthy)
    .map(({ name, detail }) => (isOpen ? { name, detail } : { name }));
  const reasons = failing.map(({ name, detail }) => (detail ? `${name}: ${detail}` : name));
  return Response.json(
    {
      code: "runtime_unavailable",
      message: `Not ready: ${reasons.join("; ")}`,
      data: { checks: failing },
    },
    { status: 503, headers: { ...PRIVATE, "retry-after": "1" } },
  );
}

function metadata({ jwt }: RouteNeeds, request: Request): Response {
  const config = jwt();
  if (!config) throw notFound(METADATA_PATH, []);
  return Response.json(resourceMetadata(config, request.url), {
    headers: { "cache-control": "max-age=300", "x-content-type-options": "nosniff" },
  });
}

/** Metrics name tools of every category: they are for those who may see every category. */
function mustSeeAll({ id, grant }: Caller): void {
  if (grant.categories === "*" || grant.abilities.has("admin")) return;
  throw new AuthError(
    "capability_missing",
    `Metrics tell of all categories, and "${id}" sees some: use a key without categories, or a token with the scope ${scopeOf("admin")}`,
    { data: { ability: "admin", scopes: [scopeOf("admin")] } },
  );
}
