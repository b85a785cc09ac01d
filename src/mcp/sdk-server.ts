/**
 * The MCP SDK's server in front of our engine, for one caller: everything that streams, asks the
 * client back, or subscribes.
 *
 * @module
 */

import {
  type CallToolResult,
  type GetPromptResult,
  type ListToolsResult,
  ProtocolError,
  type ReadResourceResult,
  type Server,
} from "@modelcontextprotocol/server";
import * as v from "valibot";
import type { Caller } from "../registry/caller.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { Engine, View } from "./engine.ts";
import { ExplainingServer } from "./explaining-server.ts";
import type { Extension } from "./extension.ts";
import { pageOf } from "./page.ts";
import { LIST_TTL_MS, PAGE_SIZE, RPC_CODE } from "./protocol.ts";
import type { RequestStateSeal } from "./request-state.ts";
import { anyRpcErrorOf, type RpcError } from "./results.ts";
import { isModern, SdkContexts } from "./sdk-contexts.ts";

/** What an SDK server is made for. */
export interface SdkServerOptions {
  readonly engine: Engine;
  readonly seal: RequestStateSeal;
  readonly view: View;
  /** Asked at every request: a session outlives a change of its caller's rights. */
  readonly caller: () => Caller;
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
  readonly #contexts: SdkContexts;

  constructor(server: Server, options: SdkServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#contexts = new SdkContexts(server, options);
  }

  addTools(): void {
    const { engine, view } = this.#options;
    this.#server.setRequestHandler("tools/list", async ({ params }) => {
      const all = await answered(engine.definitions(view, this.#contexts.caller));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      // Our definitions are MCP's; the SDK's type cannot know that.
      return { tools: [...items], ...(nextCursor && { nextCursor }) } as ListToolsResult;
    });
    this.#server.setRequestHandler("tools/call", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const round = this.#contexts.round("tools/call", { name, args });
      const call = engine.call(name, args, this.#contexts.ofCall(context, round));
      const result = await this.#contexts.sealed(await answered(call), round, context);
      // `CallResult` is MCP's `CallToolResult`, or an `input_required` that the SDK handles.
      return this.#project(result as CallToolResult, name, args);
    });
  }

  #project(result: CallToolResult, name: string, args: unknown): CallToolResult {
    if (result.resultType === "input_required" || result.resultType === "task") return result;
    const target = this.#options.engine.peek(name, args, this.#contexts.caller);
    return this.#server.projectCallToolResult(result, target?.tool.outputSchema);
  }

  addResources(): void {
    const { offers } = this.#options.engine;
    const server = this.#server;
    server.setRequestHandler("resources/list", async ({ params }, context) => {
      const all = await answered(offers.listResources(this.#contexts.ofList(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { resources: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("resources/templates/list", async ({ params }, context) => {
      const all = await answered(offers.listResourceTemplates(this.#contexts.ofList(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { resourceTemplates: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("resources/read", async ({ params: { uri } }, context) => {
      const round = this.#contexts.round("resources/read", { uri });
      const result = await answered(
        offers.readResource(uri, this.#contexts.ofOffer(context, round)),
      );
      return (await this.#contexts.sealed(result, round, context)) as ReadResourceResult;
    });
    const { subscribed } = this.#options;
    if (subscribed) this.#addSubscriptions(subscribed);
  }

  /** A source is asked once for each client that listens, however often that client says so. */
  #addSubscriptions(subscribed: Set<string>): void {
    const { offers } = this.#options.engine;
    this.#server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
      if (subscribed.has(uri)) return {};
      subscribed.add(uri);
      await answered(offers.subscribe(uri, this.#contexts.caller));
      return {};
    });
    this.#server.setRequestHandler("resources/unsubscribe", async ({ params: { uri } }) => {
      if (subscribed.delete(uri)) await answered(offers.unsubscribe(uri, this.#contexts.caller));
      return {};
    });
  }

  addPrompts(): void {
    const { offers } = this.#options.engine;
    const server = this.#server;
    server.setRequestHandler("prompts/list", async ({ params }, context) => {
      const all = await answered(offers.listPrompts(this.#contexts.ofList(context)));
      const { items, nextCursor } = this.#page(all, params?.cursor);
      return { prompts: [...items], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler("prompts/get", async ({ params }, context) => {
      const { name, arguments: args = {} } = params;
      const round = this.#contexts.round("prompts/get", { name, args });
      const result = await answered(
        offers.getPrompt(name, args, this.#contexts.ofOffer(context, round)),
      );
      return (await this.#contexts.sealed(result, round, context)) as GetPromptResult;
    });
    server.setRequestHandler("completion/complete", async ({ params }, context) => {
      const result = await answered(offers.complete({ ...params }, this.#contexts.ofList(context)));
      return result as { completion: { values: string[] } };
    });
  }

  addExtension({ methods, isModernOnly }: Extension): void {
    for (const [method, answer] of methods) {
      this.#server.setRequestHandler(
        method,
        { params: v.looseObject({}) },
        async (params, context) => {
          if (isModernOnly && !isModern(context)) {
            throw new ProtocolError(RPC_CODE.methodNotFound, `Method not found: ${method}`);
          }
          // The SDK takes the answers out of the parameters, as if every method had rounds.
          const { inputResponses, signal } = context.mcpReq;
          const asked = inputResponses ? { ...params, inputResponses } : params;
          const client = this.#contexts.clientOf(context);
          const { caller } = this.#contexts;
          return answered(Promise.try(answer, asked, { caller, client, signal }));
        },
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
}
