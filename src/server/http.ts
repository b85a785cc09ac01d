/**
 * Everything this server answers over HTTP: MCP first and by the shortest way, then the routes for
 * plain HTTP clients and for operations.
 *
 * @module
 */

import type { Config, View } from "../config/config.ts";
import { preflight, withCors } from "./cors.ts";
import { createAnswerError } from "./errors.ts";
import { createEventStreams } from "./event-streams.ts";
import type { HttpNeeds } from "./needs.ts";
import { notFound } from "./not-found.ts";
import { createRoutes } from "./routes.ts";

/** The HTTP surface of an app. */
export interface Http {
  fetch(request: Request): Promise<Response>;
  /** End the streams that would otherwise stay open. */
  close(): void;
}

/** Addresses that show one view, whatever the configured one is. */
const VIEWS: ReadonlyMap<string, View> = new Map([
  ["/mcp/meta", "meta"],
  ["/mcp/flat", "flat"],
  ["/mcp/hybrid", "hybrid"],
]);

/** The path of an absolute URL; `new URL` would cost more than all else on the way to `/mcp`. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** The HTTP surface over these parts. */
export function createHttp(needs: HttpNeeds): Http {
  const { guard, authenticate, mcp, config, log, newId } = needs;
  const jwt = (): Config["auth"]["jwt"] => config().auth.jwt;
  const answerError = createAnswerError({ jwt, log, newId });
  const streams = createEventStreams(needs);
  const routes = createRoutes({ ...needs, jwt, streams, answerError });

  const route = (request: Request): Response | Promise<Response> => {
    const path = pathOf(request.url);
    if (path === "/mcp") return answerMcp(request, config().view);
    if (!path.startsWith("/mcp/")) return routes.fetch(request);
    const view = VIEWS.get(path);
    if (view === undefined) throw notFound(path, VIEWS.keys());
    return answerMcp(request, view);
  };

  const answerMcp = (request: Request, view: View): Response | Promise<Response> => {
    const caller = authenticate(request.headers);
    return caller instanceof Promise
      ? caller.then((known) => mcp(request, view, known))
      : mcp(request, view, caller);
  };

  const answer = async (request: Request): Promise<Response> => {
    try {
      return preflight(request) ?? (await route(request));
    } catch (error) {
      return answerError(error, request);
    }
  };

  return {
    async fetch(request) {
      try {
        guard.check(request);
      } catch (error) {
        return answerError(error, request);
      }
      const origin = request.headers.get("origin");
      return origin === null ? answer(request) : withCors(await answer(request), origin);
    },
    close: () => streams.close(),
  };
}
