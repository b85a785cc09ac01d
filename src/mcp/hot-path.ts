/**
 * The common requests as plain JSON, without a server object per request: `server/discover`,
 * `tools/list` and `tools/call`, in both eras, and in the modern one the methods of extensions.
 *
 * It answers only what is right in every detail and needs no stream. Anything else, also anything
 * wrong, is `undefined` here and goes to the MCP SDK, so there is one place that explains faults.
 *
 * @module
 */

import { AuthError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import type { ClientCapabilities } from "../registry/context.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { CallEvents } from "../router/call.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { WireTool } from "./definitions.ts";
import type { Engine, View } from "./engine.ts";
import type { ExtensionMethod } from "./extension.ts";
import { isFields } from "./message-kind.ts";
import { pageOf } from "./page.ts";
import { declaresParamHeaders } from "./param-headers.ts";
import { type Fields, isModern, type PlainRequest, plainRequest } from "./plain-request.ts";
import { LIST_TTL_MS, META_KEY, MODERN_VERSION, PAGE_SIZE } from "./protocol.ts";
import { anyRpcErrorOf, legacyResult, rpcErrorOf } from "./results.ts";

/** One message with what its transport knows. */
export interface HotRequest {
  readonly message: unknown;
  readonly view: View;
  readonly caller: Caller;
  /** Aborts when the client is gone; made on first use. */
  readonly signal: () => AbortSignal;
  /** HTTP: a header of the request. Elsewhere there are none to check. */
  readonly header?: (name: string) => string | null;
  /** Streams: sends the text of a notification; without it, a call with progress goes to the SDK. */
  readonly notify?: (text: string) => void;
  /** A legacy client asked for logs; they need a stream, so its calls go to the SDK. */
  readonly wantsLogs?: boolean;
}

/**
 * The text of a JSON-RPC answer; `undefined` where the SDK must give it. Rejects with an
 * `AuthError` where the caller can ask for the right, which is the transport's to say.
 */
export type HotAnswer = Promise<string | undefined> | undefined;

/** Answers what it can. */
export interface HotPath {
  modern(request: HotRequest): HotAnswer;
  /** Inside a legacy session whose client declared `client`. */
  legacy(request: HotRequest, client: ClientCapabilities): HotAnswer;
}

const none: Fields = {};

/** A tool may ask this client something, or has parameters whose headers must be checked. */
function needsSdk(
  { tool }: RegisteredTool,
  client: ClientCapabilities,
  header: HotRequest["header"],
): boolean {
  const canAnswer = "elicitation" in client || "sampling" in client || "roots" in client;
  if (tool.isInteractive && canAnswer) return true;
  return header !== undefined && declaresParamHeaders(tool);
}

/** Legacy clients know results that are objects only; what else was promised, the SDK rewrites. */
const isLegacyTool = ({ outputSchema }: WireTool): boolean =>
  outputSchema === undefined || (isFields(outputSchema) && outputSchema.type === "object");

/** Whether progress can be told under this token here. */
const isProgressible = (token: unknown, notify: HotRequest["notify"]): boolean =>
  notify !== undefined && (typeof token === "string" || Number.isSafeInteger(token));

/** Progress as MCP's notifications. */
function progressTo(notify: (text: string) => void, progressToken: unknown): CallEvents {
  return {
    progress(progress, total, message) {
      const params = { progressToken, progress, total, message };
      notify(JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params }));
    },
  };
}

const success = (id: string | number, result: unknown): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result)}}`;

const failure = (id: string | number, error: unknown): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${JSON.stringify(error)}}`;

/** What of an engine the common requests need. */
export type HotEngine = Pick<
  Engine,
  | "serverInfo"
  | "extensions"
  | "instructions"
  | "definitions"
  | "peek"
  | "find"
  | "needsTasks"
  | "call"
>;

/** A hot path over an engine. */
export function createHotPath(engine: HotEngine): HotPath {
  return new EngineHotPath(engine);
}

class EngineHotPath implements HotPath {
  readonly #engine: HotEngine;
  readonly #identity: Fields;
  readonly #methods: ReadonlyMap<string, ExtensionMethod>;

  constructor(engine: HotEngine) {
    this.#engine = engine;
    this.#methods = new Map(engine.extensions.flatMap(({ methods }) => [...methods]));
    this.#identity = { [META_KEY.serverInfo]: engine.serverInfo };
  }

  modern(request: HotRequest): HotAnswer {
    const plain = plainRequest(request.message);
    if (!plain || !isModern(plain, request.header)) return undefined;
    // Checked in `isModern`.
    const client = plain.meta[META_KEY.clientCapabilities] as ClientCapabilities;
    const complete = (result: Fields): Fields => ({
      ...result,
      resultType: result.resultType === "task" ? "task" : "complete",
      _meta: isFields(result._meta) ? { ...result._meta, ...this.#identity } : this.#identity,
    });
    switch (plain.method) {
      case "server/discover":
        return Promise.resolve(success(plain.id, complete(this.#discover(request.view))));
      case "tools/list":
        return this.#list(plain, request, (result) =>
          complete({ ...result, ttlMs: LIST_TTL_MS, cacheScope: "private" }),
        );
      case "tools/call":
        return this.#call(plain, request, client, (result) => complete({ ...result }), true);
      default:
        return this.#extended(plain, request, client, complete);
    }
  }

  legacy(request: HotRequest, client: ClientCapabilities): HotAnswer {
    const plain = plainRequest(request.message);
    if (!plain || META_KEY.protocolVersion in plain.meta) return undefined;
    switch (plain.method) {
      case "tools/list":
        return this.#list(plain, request, (result) => result, isLegacyTool);
      case "tools/call":
        return request.wantsLogs ? undefined : this.#call(plain, request, client, legacyResult);
      default:
        return undefined;
    }
  }

  /** A method of an extension. Over HTTP the SDK says what failed: it knows the status for it. */
  #extended(
    { id, method, params }: PlainRequest,
    { caller, signal, header }: HotRequest,
    client: ClientCapabilities,
    complete: (result: Fields) => Fields,
  ): HotAnswer {
    const answer = this.#methods.get(method);
    return answer?.(params, { caller, client, signal: signal() }).then(
      (result) => success(id, complete(result)),
      (error: unknown) => (header ? undefined : failure(id, anyRpcErrorOf(error))),
    );
  }

  #discover(view: View): Fields {
    return {
      supportedVersions: [MODERN_VERSION],
      capabilities: capabilitiesOf(this.#engine.extensions, view),
      instructions: this.#engine.instructions(view),
      ttlMs: LIST_TTL_MS,
      cacheScope: "private",
    };
  }

  #list(
    { id, params }: PlainRequest,
    { view, caller }: HotRequest,
    finish: (result: Fields) => Fields,
    isListable?: (tool: WireTool) => boolean,
  ): HotAnswer {
    const { cursor } = params;
    if (cursor !== undefined && typeof cursor !== "string") return undefined;
    return this.#engine.definitions(view, caller).then((all) => {
      if (isListable && !all.every(isListable)) return undefined;
      const page = pageOf(all, cursor, PAGE_SIZE);
      if ("error" in page) return failure(id, page.error);
      const { items, nextCursor } = page;
      return success(id, finish({ tools: items, ...(nextCursor !== undefined && { nextCursor }) }));
    });
  }

  #call(
    { id, params, meta }: PlainRequest,
    request: HotRequest,
    client: ClientCapabilities,
    finish: (result: CallResult) => unknown,
    mayBeTask = false,
  ): HotAnswer {
    const { name, arguments: args = none } = params;
    if (typeof name !== "string" || !isFields(args)) return undefined;
    const { caller, signal, notify } = request;
    const { traceparent, progressToken } = meta;
    if (progressToken !== undefined && !isProgressible(progressToken, notify)) return undefined;
    const facts = {
      caller,
      signal,
      client,
      mayBeTask,
      ...(progressToken !== undefined && notify && { events: progressTo(notify, progressToken) }),
      ...(typeof traceparent === "string" && { traceparent }),
    };
    const run = (target: RegisteredTool | undefined): HotAnswer =>
      // Over HTTP that refusal has a status of its own.
      target &&
      (needsSdk(target, client, request.header) ||
        (mayBeTask && this.#engine.needsTasks(target, facts)))
        ? undefined
        : this.#engine.call(name, args, facts).then(
            // The client cannot answer what the tool asks. The SDK calls again to find and say so:
            // a tool that asks is called again in any case.
            (result) =>
              result.resultType === "input_required" ? undefined : success(id, finish(result)),
            (error: unknown) => {
              if (error instanceof AuthError) throw error;
              return failure(id, rpcErrorOf(error) ?? anyRpcErrorOf(error));
            },
          );
    const target = this.#engine.peek(name, args, caller);
    return target ? run(target) : this.#engine.find(name, args, caller).then(run);
  }
}
