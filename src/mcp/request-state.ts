/**
 * Seals what a tool wants to remember between the rounds of a call.
 *
 * The state travels through the client, so it is signed and bound to caller, method and
 * parameters; it is worth nothing in another call, for somebody else, or after ten minutes.
 * Source: MCP 2026-07-28, basic/patterns/mrtr, server requirements 4 and 5.
 *
 * @module
 */

import {
  createRequestStateCodec,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import canonicalize from "canonicalize";
import { sha256 } from "../sha256.ts";

/** What a round belongs to. */
export interface RoundIdentity {
  readonly caller: string;
  readonly method: string;
  /** The parameters that must stay the same from round to round. */
  readonly params: unknown;
}

/** Seals and opens request state. */
export interface RequestStateSeal {
  seal(state: string, round: RoundIdentity, context: ServerContext): Promise<string>;
  /** The tool's own state; throws −32602 where it belongs to another call. */
  open(context: ServerContext, round: RoundIdentity): string | undefined;
  /** For the SDK's `ServerOptions.requestState.verify`. */
  verify(state: string, context: ServerContext): Promise<unknown>;
}

interface Sealed {
  readonly state: string;
  readonly round: string;
}

const digestOf = (round: RoundIdentity): string => sha256(canonicalize(round) ?? "");

/** A seal with this secret key of at least 32 bytes. */
export function createRequestStateSeal(key: Uint8Array): RequestStateSeal {
  const codec = createRequestStateCodec<Sealed>({ key });
  return {
    seal: (state, round, context) => codec.mint({ state, round: digestOf(round) }, context),
    open(context, round) {
      const sealed = context.mcpReq.requestState<Sealed>();
      if (sealed === undefined) return undefined;
      if (sealed.round === digestOf(round)) return sealed.state;
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        "Invalid or expired requestState: it belongs to another call",
        { reason: "invalid_request_state" },
      );
    },
    verify: (state, context) => codec.verify(state, context),
  };
}
