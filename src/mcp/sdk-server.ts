/**
 * The MCP SDK's server in front of our engine, for one caller: everything that streams, asks the
 * client back, or subscribes.
 *
 * @module
 */

import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type GetPromptResult,
  type ListToolsResult,
  ProtocolError,
  type ReadResourceResult,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as v from "valibot";
import type { Caller } from "../registry/caller.ts";
import type { OfferContext } from "../registry/offer.ts";
import type { CallResult } from "../registry/result.ts";
import type { CallEvents } from "../router/call.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { Engine, Extension, View } from "./engine.ts";
import { ExplainingServer } from "./explaining-server.ts";
import { pageOf } from "./page.ts";
import { LIST_TTL_MS, PAGE_SIZE } from "./protocol.ts";
import type { RequestStateSeal, RoundIdentity } from "./request-state.ts";
import { anyRpcErrorOf, type RpcError, rpcErrorOf } from "./results.ts";

/** What an SDK server is made for. */
export interface SdkServerOptions {
  readonly engine: Engine;
  readonly seal: RequestStateSeal;
  readonly view: View;
  readonly caller: Caller;
  /** The resources that a legacy client wants to hear of, kept by whoever tells it. */
  readonly subscribed?: Set<string>;
}

const cached = { ttlMs: LIST_TTL_MS, cacheScope: "private" } as const;

const asProtocolError = ({ code, message, data }: RpcError): ProtocolError =>
  new ProtocolError(code, message, data);

/** Any failure as the SDK's error; its own pass unchanged. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ProtocolError ? error : asProtocolError(anyRpcErrorOf(error));
  }
}

/** A server for one caller and view; connect it to a transport. */
export function createSdkServer(options: SdkServerOptions): Server {
  const { engine, seal, view } = options;
  const server = new ExplainingServer(engine.serverInfo, {
    capabilities: capabilitiesOf(engine.extensions, view),
    instructions: engine.instructions(view),
    requestState: { verify: seal.verify },
    cacheHints: {
      "tools/list": cached,
      "prompts/list": cached,
      "resources/list": cached,
      "resources/templates/list": cached,
      "resources/read": { ttlMs: 0, cacheScope: "private" },
      "server/discover": cached,
    },
  });
  const handlers = new Handlers(server, options);
  handlers.addTools();
  handlers.addResources();
  handlers.addPrompts();
  for (const extension of engine.extensions) handlers.addExtension(extension);
  return server;
}

class Handlers {
  readonly #server: Server;
  readonly #options: SdkServerOptions;

  constructor(server: Server, options: SdkServerOptions) {
    this.#server = server;
    this.#options = options;
  }

  addTools(): void {
    const { engine, view, caller } = this.#options;
    this.#server.setRequestHandler("tools/list", async ({ params }) => {
      const all = await answered(engine.definitions(view, caller));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      // Our definitions are MCP's; the SDK's type cannot know that.
      return { tools: [...items], ...(nextCursor && { nextCursor }) } as ListToolsResult;
    });
    this.#server.setRequestHandler("tools/call", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const round = { caller: caller.id, method: "tools/call", params: { name, args } };
      const result = await this.#call(name, args, context, round);
      const sealed = await this.#sealed(result, round, context);
      // `CallResult` is MCP's `CallToolResult`, or an `input_required` that the SDK handles.
      return this.#project(sealed as CallToolResult, name, args);
    });
  }

  async #call(
    name: string,
    args: unknown,
    context: ServerContext,
    round: RoundIdentity,
  ): Promise<CallResult> {
    try {
      const facts = { ...this.#contextOf(context, round), events: this.#eventsOf(context) };
      return await this.#options.engine.call(name, args, {
        ...facts,
        signal: () => context.mcpReq.signal,
      });
    } catch (error) {
      const rpcError = rpcErrorOf(error);
      throw rpcError ? asProtocolError(rpcError) : error;
    }
  }

  #project(result: CallToolResult, name: string, args: unknown): CallToolResult {
    const { engine, caller } = this.#options;
    if (result.resultType === "input_required") return result;
    const outputSchema = engine.peek(name, args, caller)?.tool.outputSchema;
    return this.#server.projectCallToolResult(result, outputSchema);
  }

  addResources(): void {
    const { offers } = this.#options.engine;
    const server = this.#server;
    server.setRequestHandler("resources/list", async ({ params }, context) => {
      const all = await answered(offers.listResources(this.#listContext(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { resources: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("resources/templates/list", async ({ params }, context) => {
      const all = await answered(offers.listResourceTemplates(this.#listContext(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { resourceTemplates: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("resources/read", async ({ params: { uri } }, context) => {
      const round = this.#round("resources/read", { uri });
      const result = await answered(offers.readResource(uri, this.#offerContext(context, round)));
      return (await this.#sealed(result, round, context)) as ReadResourceResult;
    });
    const { subscribed } = this.#options;
    if (subscribed) this.#addSubscriptions(subscribed);
  }

  /** A source is asked once for each client that listens, however often that client says so. */
  #addSubscriptions(subscribed: Set<string>): void {
    const { engine, caller } = this.#options;
    this.#server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
      if (subscribed.has(uri)) return {};
      subscribed.add(uri);
      await answered(engine.offers.subscribe(uri, caller));
      return {};
    });
    this.#server.setRequestHandler("resources/unsubscribe", async ({ params: { uri } }) => {
      if (subscribed.delete(uri)) await answered(engine.offers.unsubscribe(uri, caller));
      return {};
    });
  }

  addPrompts(): void {
    const { offers } = this.#options.engine;
    const server = this.#server;
    server.setRequestHandler("prompts/list", async ({ params }, context) => {
      const all = await answered(offers.listPrompts(this.#listContext(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { prompts: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("prompts/get", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const round = this.#round("prompts/get", { name, args });
      const result = await answered(
        offers.getPrompt(name, args, this.#offerContext(context, round)),
      );
      return (await this.#sealed(result, round, context)) as GetPromptResult;
    });
    server.setRequestHandler("completion/complete", async ({ params }, context) => {
      const result = await answered(offers.complete({ ...params }, this.#listContext(context)));
      return result as { completion: { values: string[] } };
    });
  }

  addExtension({ methods }: Extension): void {
    const { caller } = this.#options;
    for (const [method, answer] of methods) {
      this.#server.setRequestHandler(
        method,
        { params: v.looseObject({}) },
        async (params, context) =>
          answered(answer(params, { caller, signal: context.mcpReq.signal })),
      );
    }
  }

  #page<T>(
    all: readonly T[],
    cursor: string | undefined,
  ): { items: readonly T[]; nextCursor?: string } {
    const page = pageOf(all, cursor, PAGE_SIZE);
    if ("error" in page) throw asProtocolError(page.error);
    return page;
  }

  #round(method: string, params: unknown): RoundIdentity {
    return { caller: this.#options.caller.id, method, params };
  }

  #clientOf(context: ServerContext): ClientCapabilities {
    // The SDK types its envelope without the keys that it carries.
    const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
    const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
    return declared ?? this.#server.getClientCapabilities() ?? {};
  }

  #contextOf(
    context: ServerContext,
    round: RoundIdentity,
  ): Pick<OfferContext, "caller" | "client"> & {
    inputResponses?: Readonly<Record<string, unknown>>;
    requestState?: string;
    traceparent?: string;
  } {
    const requestState = this.#options.seal.open(context, round);
    const { inputResponses } = context.mcpReq;
    const traceparent = context.mcpReq._meta?.traceparent;
    return {
      caller: this.#options.caller,
      client: this.#clientOf(context),
      ...(inputResponses && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
      ...(typeof traceparent === "string" && { traceparent }),
    };
  }

  #eventsOf(context: ServerContext): Required<CallEvents> {
    const { _meta, notify, log } = context.mcpReq;
    const progressToken = _meta?.progressToken;
    // A notification that cannot be sent has lost its reader: the call's own signal tells the handler.
    const sent = (sending: Promise<void>): void => void sending.catch(() => undefined);
    return {
      progress(progress, total, message) {
        if (progressToken === undefined) return;
        const params = {
          progressToken,
          progress,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message }),
        };
        sent(notify({ method: "notifications/progress", params }));
      },
      log: (level, data, logger) => sent(log(level, data, logger)),
    };
  }

  #offerContext(context: ServerContext, round: RoundIdentity): OfferContext {
    const { inputResponses, requestState, ...facts } = this.#contextOf(context, round);
    return {
      ...facts,
      ...this.#eventsOf(context),
      inputResponses,
      requestState,
      signal: context.mcpReq.signal,
    };
  }

  /** For lists, which have no rounds. */
  #listContext(context: ServerContext): OfferContext {
    return {
      caller: this.#options.caller,
      client: this.#clientOf(context),
      ...this.#eventsOf(context),
      inputResponses: undefined,
      requestState: undefined,
      signal: context.mcpReq.signal,
    };
  }

  /** A result whose `requestState`, if it has one, the client cannot read meaning into or change. */
  async #sealed<T extends object>(
    result: T,
    round: RoundIdentity,
    context: ServerContext,
  ): Promise<T> {
    if (!("requestState" in result) || typeof result.requestState !== "string") return result;
    const requestState = await this.#options.seal.seal(result.requestState, round, context);
    return { ...result, requestState };
  }
}
