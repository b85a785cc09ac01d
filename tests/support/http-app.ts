/**
 * The HTTP surface over a real registry, spine and telemetry, with a few small tools, and without
 * what `app.ts` adds: configuration files, upstreams, a socket.
 *
 * @module
 */

import * as v from "valibot";
import { createAuthenticator } from "../../src/auth/authenticate.ts";
import { authorize } from "../../src/auth/authorize.ts";
import { createBreaker } from "../../src/concurrency/breaker.ts";
import type { Clock } from "../../src/concurrency/clock.ts";
import type { Config } from "../../src/config/config.ts";
import { UnavailableError } from "../../src/errors.ts";
import type { HealthCheck, Services } from "../../src/registry/context.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import { createMetaTools } from "../../src/registry/meta-tools.ts";
import { createRegistry, type RegisteredTool, type Registry } from "../../src/registry/registry.ts";
import { text } from "../../src/registry/result.ts";
import { createSearch } from "../../src/registry/search.ts";
import { callTool } from "../../src/router/call-tool.ts";
import { createLimits } from "../../src/router/limits.ts";
import { createLocalRuntime } from "../../src/router/local-runtime.ts";
import { createResultCache } from "../../src/router/result-cache.ts";
import { createRouter } from "../../src/router/router.ts";
import { allowedHosts, createGuard } from "../../src/server/guard.ts";
import { createHttp, type Http } from "../../src/server/http.ts";
import type { HttpNeeds } from "../../src/server/needs.ts";
import { readRpcBody } from "../../src/server/rpc-body.ts";
import { createEventFeed, type EventFeed } from "../../src/telemetry/event-feed.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";

const readOnly = { readOnlyHint: true } as const;

/** Tools that end in every way in which a call can end. */
const tools: readonly Tool[] = [
  defineTool({
    name: "add",
    description: "Add two numbers",
    input: v.object({ a: v.number(), b: v.number() }),
    output: v.object({ sum: v.number() }),
    annotations: readOnly,
    example: { a: 1, b: 2 },
    run: ({ a, b }) => ({ sum: a + b }),
  }),
  defineTool({
    name: "wipe",
    description: "Remove everything",
    input: v.object({}),
    run: () => "gone",
  }),
  defineTool({
    name: "restart",
    description: "Restart the server",
    input: v.object({}),
    annotations: readOnly,
    routing: { ability: "admin" },
    run: () => "restarted",
  }),
  defineTool({
    name: "fail",
    description: "End in the way that is asked for",
    input: v.object({ how: v.picklist(["result", "busy", "bug", "ask"]) }),
    annotations: readOnly,
    run({ how }) {
      if (how === "result") return { content: [text("disk full")], isError: true };
      if (how === "ask") return { content: [], resultType: "input_required" as const };
      if (how === "bug") throw new RangeError("a bug with a Bearer abcdefghijkl in it");
      throw new UnavailableError("rate_limited", "Not so fast", { data: { retryAfterMs: 2500 } });
    },
  }),
];

/** What a test may set. */
export interface HttpAppOptions {
  readonly auth?: Config["auth"];
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly maxBodyBytes?: number;
  readonly clock?: Clock;
  readonly peers?: HttpNeeds["peers"];
  readonly readPage?: HttpNeeds["readPage"];
  /** Beside the tools above. */
  readonly tools?: readonly Tool[];
  /** What those use; the tools above touch no service. */
  readonly services?: Partial<Services>;
}

/** The surface and what stands behind it. */
export interface HttpApp extends Http {
  readonly registry: Registry;
  readonly feed: EventFeed;
  readonly clock: FakeClock;
  readonly logLines: string[];
  readonly checks: HealthCheck[];
}

/** What JSON objects are in tests. */
export type Json = Record<string, unknown>;

/** An app with short ways to ask it. */
export interface AskedApp {
  readonly app: HttpApp;
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Text is sent as it is, anything else as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  json(answer: Promise<Response>): Promise<Json>;
}

/** Where {@link askApp}'s app believes to be. */
export const BASE = "http://127.0.0.1:8000";

/** An app and short ways to ask it, without a socket. */
export function askApp(options: HttpAppOptions = {}): AskedApp {
  const app = createHttpApp(options);
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    app.fetch(new Request(`${BASE}${path}`, init));
  return {
    app,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    json: async (answer) => (await (await answer).json()) as Json,
  };
}

/** An app of real parts around the tools above. */
export function createHttpApp(options: HttpAppOptions = {}): HttpApp {
  const clock = createFakeClock();
  const metrics = createMetrics();
  const registry = createRegistry();
  const all = [...tools, ...(options.tools ?? [])];
  registry.put({
    name: "demo",
    title: "Demo",
    description: "Small tools",
    source: "builtin",
    toolNames: all.map(({ name }) => name),
    runtime: "local",
    load: () => Promise.resolve(all),
  });
  const search = createSearch(registry);
  const meta = createMetaTools({ registry, search, timeoutMs: () => 1000 });
  const metaTool = (name: string): RegisteredTool | undefined => {
    const tool = meta.get(name);
    return tool && { name, category: "meta", tool };
  };
  const steps = {
    registry: {
      loaded: (...[name, caller]: Parameters<typeof registry.loaded>) =>
        metaTool(name) ?? registry.loaded(name, caller),
      resolve: registry.resolve.bind(registry),
    },
    authorize,
    limits: createLimits(
      () => ({ maxConcurrent: 100, perCallerConcurrent: 100, perCallerPerSecond: 0 }),
      clock,
    ),
    cache: createResultCache(clock),
    router: createRouter({
      runtimes: [createLocalRuntime({ clock, timeoutMs: () => 1000 })],
      breakerFor: () => createBreaker({ failures: 5, openMs: 1000, clock }),
      metrics,
      clock,
    }),
    services: (options.services ?? {}) as Services,
    record: () => {},
    clock,
  };

  const config = {
    view: "meta",
    auth: options.auth ?? { keys: [], jwt: undefined, anonymous: true },
    listen: {
      hostname: "127.0.0.1",
      port: 0,
      insecure: false,
      allowedHosts: options.allowedHosts ?? [],
      allowedOrigins: options.allowedOrigins ?? [],
      maxBodyBytes: options.maxBodyBytes ?? 4_194_304,
    },
  } as const;
  const { hostname, maxBodyBytes } = config.listen;
  const logLines: string[] = [];
  const checks: HealthCheck[] = [];
  const feed = createEventFeed(clock);
  const http = createHttp({
    server: { name: "mcplusplus", version: "0.0.0-test" },
    config: () => config,
    guard: createGuard({
      hosts: allowedHosts(hostname, config.listen.allowedHosts),
      origins: config.listen.allowedOrigins,
    }),
    authenticate: createAuthenticator(config.auth, {
      clock,
      fetch: (url, init) => fetch(url, init),
    }),
    // Not MCP, but all that this surface does for it: who asks, in which view, with which body.
    mcp: async (request, view, caller) => {
      const body = await readRpcBody(request, maxBodyBytes);
      return body instanceof Response ? body : Response.json({ view, caller: caller.id, ...body });
    },
    registry,
    call: (call) => callTool(steps, call),
    metrics,
    monitor: {
      health: async () => ({
        healthy: checks.every(({ healthy }) => healthy),
        uptimeMs: 1,
        version: "0.0.0-test",
        host: "test",
        checks,
      }),
    },
    feed,
    ...(options.peers && { peers: options.peers }),
    readPage: options.readPage,
    clock: options.clock ?? clock,
    log: createLogger({ threshold: () => "info", write: (line) => logLines.push(line), clock }),
    newId: () => "id-1",
  });
  return { ...http, registry, feed, clock, logLines, checks };
}
