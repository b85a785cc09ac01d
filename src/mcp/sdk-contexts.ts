/** What our engine needs to know of a request, out of what the SDK knows of it. @module */

import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Caller } from "../registry/caller.ts";
import type { OfferContext } from "../registry/offer.ts";
import type { CallEvents } from "../router/call.ts";
import type { CallFacts } from "./engine.ts";
import type { RequestStateSeal, RoundIdentity } from "./request-state.ts";

/** What contexts are made of beside the request. */
export interface SdkContextNeeds {
  readonly seal: RequestStateSeal;
  readonly caller: () => Caller;
}

/** The contexts of one server's requests. */
export class SdkContexts {
  readonly #server: Server;
  readonly #needs: SdkContextNeeds;

  constructor(server: Server, needs: SdkContextNeeds) {
    this.#server = server;
    this.#needs = needs;
  }

  get caller(): Caller {
    return this.#needs.caller();
  }

  round(method: string, params: unknown): RoundIdentity {
    return { caller: this.caller.id, method, params };
  }

  ofCall(context: ServerContext, round: RoundIdentity): CallFacts {
    const { inputResponses, requestState } = this.#answersTo(context, round);
    const traceparent = context.mcpReq._meta?.traceparent;
    return {
      caller: this.caller,
      client: this.clientOf(context),
      mayBeTask: isModern(context),
      events: eventsOf(context),
      signal: () => context.mcpReq.signal,
      ...(inputResponses && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
      ...(typeof traceparent === "string" && { traceparent }),
    };
  }

  ofOffer(context: ServerContext, round: RoundIdentity): OfferContext {
    return { ...this.ofList(context), ...this.#answersTo(context, round) };
  }

  /** For lists, which have no rounds. */
  ofList(context: ServerContext): OfferContext {
    return {
      caller: this.caller,
      client: this.clientOf(context),
      ...eventsOf(context),
      inputResponses: undefined,
      requestState: undefined,
      signal: context.mcpReq.signal,
    };
  }

  /** A result whose `requestState`, if it has one, the client cannot read meaning into or change. */
  async sealed<T extends object>(
    result: T,
    round: RoundIdentity,
    context: ServerContext,
  ): Promise<T> {
    if (!("requestState" in result) || typeof result.requestState !== "string") return result;
    const requestState = await this.#needs.seal.seal(result.requestState, round, context);
    return { ...result, requestState };
  }

  /** What the client said to the questions of an earlier round. */
  #answersTo(
    context: ServerContext,
    round: RoundIdentity,
  ): Pick<OfferContext, "inputResponses" | "requestState"> {
    const { inputResponses } = context.mcpReq;
    return { inputResponses, requestState: this.#needs.seal.open(context, round) };
  }

  /** What the client declared: with this request, or when its session began. */
  clientOf(context: ServerContext): ClientCapabilities {
    // The SDK types its envelope without the keys that it carries.
    const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
    const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
    return declared ?? this.#server.getClientCapabilities() ?? {};
  }
}

/** Whether a request came with the envelope that every request of the modern era has. */
export function isModern(context: ServerContext): boolean {
  return context.mcpReq.envelope !== undefined;
}

function eventsOf(context: ServerContext): Required<CallEvents> {
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
