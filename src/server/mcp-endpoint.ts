/**
 * `/mcp`: both eras of MCP's Streamable HTTP on one address.
 *
 * A request that the hot path can answer never meets the SDK. The rest is classified by the SDK
 * itself, so that every fault is answered in its words and with its codes.
 *
 * @module
 */

import {
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
} from "@modelcontextprotocol/server";
import type { Clock } from "../concurrency/clock.ts";
import { type Changes, withoutToolChanges } from "../mcp/changes.ts";
import { type Engine, isDispatch, type View } from "../mcp/engine.ts";
import type { HotAnswer, HotPath } from "../mcp/hot-path.ts";
import { checkParamHeaders } from "../mcp/param-headers.ts";
import { LEGACY_VERSIONS, RPC_CODE } from "../mcp/protocol.ts";
import type { RequestStateSeal } from "../mcp/request-state.ts";
import { NO_ANSWER } from "../mcp/running-calls.ts";
import { createSdkServer } from "../mcp/sdk-server.ts";
import { anonymousCaller, type Caller } from "../registry/caller.ts";
import { withExtensionNews } from "./extension-news.ts";
import { readRpcBody } from "./rpc-body.ts";
import { createSessions, type Session, type Sessions } from "./sessions.ts";
import { whileListening } from "./while-listening.ts";

/** What the endpoint needs. */
export interface McpEndpointNeeds {
  readonly engine: Engine;
  readonly hotPath: HotPath;
  readonly seal: RequestStateSeal;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly maxBodyBytes: () => number;
  /** Something the SDK reports beside its answers. */
  readonly report: (error: Error) => void;
}

/** Answers MCP over HTTP for callers that are known already. */
export interface McpEndpoint {
  /** Rejects with an `AuthError` where the caller can ask for the right that it lacks. */
  answer(request: Request, view: View, caller: Caller): Promise<Response>;
  readonly sessions: number;
  close(): Promise<void>;
}

const JSON_HEADERS = { "content-type": "application/json" } as const;

type Message = Readonly<Record<string, unknown>>;

const isMessage = (value: unknown): value is Message =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const jsonResponse = (body: string, status = 200): Response =>
  new Response(body, { status, headers: JSON_HEADERS });

const rpcFailure = (status: number, code: number, message: string, data?: unknown): Response =>
  jsonResponse(
    JSON.stringify({
      jsonrpc: "2.0",
      id: null,
      error: { code, message, ...(data !== undefined && { data }) },
    }),
    status,
  );

/** The endpoint of an app. */
export function createMcpEndpoint(needs: McpEndpointNeeds): McpEndpoint {
  return new HttpEndpoint(needs);
}

class HttpEndpoint implements McpEndpoint {
  readonly #needs: McpEndpointNeeds;
  readonly #sessions: Sessions;
  /** One SDK handler per view: each has its own streams of changes. */
  readonly #modern = new Map<View, McpHttpHandler>();

  constructor(needs: McpEndpointNeeds) {
    this.#needs = needs;
    this.#sessions = createSessions({ ...needs, changesOf: (view) => this.#changesOf(view) });
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  #changesOf(view: View): Changes {
    const { changes } = this.#needs;
    return view === "meta" ? withoutToolChanges(changes) : changes;
  }

  async answer(request: Request, view: View, caller: Caller): Promise<Response> {
    const sessionId = request.headers.get("mcp-session-id");
    if (request.method !== "POST") return this.#other(request, view, caller, sessionId);
    const read = await readRpcBody(request, this.#needs.maxBodyBytes());
    if (read instanceof Response) return read;
    if (typeof read.value !== "object" || read.value === null) {
      return rpcFailure(400, RPC_CODE.invalidRequest, "The body must be one JSON-RPC message");
    }
    const hot = this.#hotAnswer(request, read.value, view, caller, sessionId);
    const answer = hot && (await hot);
    if (answer === NO_ANSWER) return new Response(null, { status: 202 });
    if (answer !== undefined) return jsonResponse(answer);
    return this.#sdkAnswer(request, read.value, view, caller, sessionId);
  }

  #hotAnswer(
    request: Request,
    message: unknown,
    view: View,
    caller: Caller,
    sessionId: string | null,
  ): HotAnswer {
    const { hotPath } = this.#needs;
    const { headers } = request;
    const header = (name: string): string | null => headers.get(name);
    const signal = (): AbortSignal => request.signal;
    if (sessionId === null) return hotPath.modern({ message, view, caller, signal, header });
    const session = this.#sessions.find(sessionId, caller);
    return session && isMessage(message) ? this.#inSession(session, request, message) : undefined;
  }

  #inSession(session: Session, { headers, signal }: Request, message: Message): HotAnswer {
    const { calls, caller, client, view, wantsLogs } = session;
    if (calls.cancelledBy(message)) return Promise.resolve(NO_ANSWER);
    const version = headers.get("mcp-protocol-version");
    if (version !== null && !LEGACY_VERSIONS.has(version)) return undefined;
    if (!headers.get("accept")?.includes("application/json")) return undefined;
    return calls.run(
      message.id,
      (own) =>
        this.#needs.hotPath.legacy({ message, view, caller, signal: own, wantsLogs }, client),
      () => signal,
    );
  }

  async #sdkAnswer(
    request: Request,
    message: unknown,
    view: View,
    caller: Caller,
    sessionId: string | null,
  ): Promise<Response> {
    if (!(await isLegacyRequest(request, message)))
      return this.#modernAnswer(request, message, view, caller);
    if (sessionId === null) return this.#sessions.begin(request, message, view, caller);
    const session = this.#sessions.find(sessionId, caller);
    return session ? session.handle(request, message) : this.#unknownSession();
  }

  /** GET opens a session's stream, DELETE ends it; the modern era knows neither. */
  #other(
    request: Request,
    view: View,
    caller: Caller,
    sessionId: string | null,
  ): Promise<Response> | Response {
    if (request.method !== "GET" && request.method !== "DELETE") {
      return new Response(null, { status: 405, headers: { allow: "GET, POST, DELETE" } });
    }
    if (sessionId === null) return this.#sessions.begin(request, undefined, view, caller);
    const session = this.#sessions.find(sessionId, caller);
    return session ? session.handle(request, undefined) : this.#unknownSession();
  }

  #unknownSession(): Response {
    return rpcFailure(404, -32001, "There is no such session, or it has ended; initialize again");
  }

  async #modernAnswer(
    request: Request,
    message: unknown,
    view: View,
    caller: Caller,
  ): Promise<Response> {
    const mismatch = await this.#headerMismatch(request, message, caller);
    if (mismatch) return mismatch;
    // The SDK hands this to the factory below untouched.
    const authInfo = { token: "", clientId: caller.id, scopes: [], extra: { caller } };
    const ask = (parsedBody: unknown): Promise<Response> =>
      this.#modernHandler(view).fetch(request, { parsedBody, authInfo });
    const { extensions } = this.#needs.engine;
    const response = isMessage(message)
      ? await withExtensionNews(message, { extensions, caller }, ask)
      : await ask(message);
    return whileListening(response, message, caller, this.#needs);
  }

  #modernHandler(view: View): McpHttpHandler {
    const known = this.#modern.get(view);
    if (known) return known;
    const { engine, seal, report } = this.#needs;
    const handler = createMcpHandler(
      ({ authInfo }) => {
        const caller = (authInfo?.extra?.caller as Caller | undefined) ?? anonymousCaller;
        return createSdkServer({ engine, seal, view, caller: () => caller });
      },
      { legacy: "reject", bus: this.#changesOf(view), onerror: report },
    );
    this.#modern.set(view, handler);
    return handler;
  }

  /** `Mcp-Param-*` headers of a call that the SDK would not look at. */
  async #headerMismatch(
    request: Request,
    message: unknown,
    caller: Caller,
  ): Promise<Response | undefined> {
    const { id, method, params } = message as {
      id?: unknown;
      method?: unknown;
      params?: { name?: unknown; arguments?: unknown };
    };
    // Arguments of a dispatch are no arguments of the tool: no client repeats them in headers.
    if (method !== "tools/call" || typeof params?.name !== "string" || isDispatch(params.name)) {
      return undefined;
    }
    const args = params.arguments;
    const target = await this.#needs.engine.find(params.name, args, caller);
    const fault =
      target && checkParamHeaders(target.tool, args, (name) => request.headers.get(name));
    return fault && jsonResponse(JSON.stringify({ jsonrpc: "2.0", id, error: fault }), 400);
  }

  async close(): Promise<void> {
    const handlers = [...this.#modern.values()];
    await Promise.all([this.#sessions.close(), ...handlers.map((handler) => handler.close())]);
  }
}
