/**
 * The second dialect of the protocol: `P2PMessage` of older MCP++ peers.
 *
 * Their requests become JSON-RPC ones and the answers become theirs, so that one engine serves both.
 * They know no eras, so what they ask is made modern, which needs no handshake.
 *
 * @module
 */

import { META_KEY, MODERN_VERSION } from "../mcp/protocol.ts";
import type { RpcObject } from "./rpc.ts";

/** How the messages of one stream are written. */
export interface Dialect {
  /** A message of the peer as JSON-RPC; `undefined` where there is nothing to be done about it. */
  read(message: RpcObject): RpcObject | undefined;
  /** A JSON-RPC message for the peer, as text. */
  write(text: string): string;
}

/** MCP's own messages, passed as they are. */
export const jsonRpc: Dialect = { read: (message) => message, write: (text) => text };

const isObject = (value: unknown): value is RpcObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A stream's dialect is that of its first message. */
export function dialectOf(first: unknown, self: string, now: () => number): Dialect {
  const isP2p = isObject(first) && !("jsonrpc" in first) && typeof first.type === "string";
  return isP2p ? p2pMessages(self, now) : jsonRpc;
}

const ENVELOPE = {
  [META_KEY.protocolVersion]: MODERN_VERSION,
  [META_KEY.clientInfo]: { name: "mcp++", version: "1.0.0" },
  [META_KEY.clientCapabilities]: {},
} as const;

/** Seconds since 1970, as the Python peers write time. */
const SECOND_MS = 1000;

function p2pMessages(sender: string, now: () => number): Dialect {
  return {
    read({ type, id, method, params }) {
      if (type === "response") return undefined;
      const given = isObject(params) ? params : {};
      if (type !== "request") return { jsonrpc: "2.0", method, params: given };
      const meta = isObject(given._meta) ? given._meta : {};
      return { jsonrpc: "2.0", id, method, params: { ...given, _meta: { ...ENVELOPE, ...meta } } };
    },
    write(text) {
      const { id, method, params, result, error } = JSON.parse(text) as RpcObject;
      const common = { sender, timestamp: now() / SECOND_MS };
      return JSON.stringify(
        method === undefined
          ? { type: "response", id, result, error, ...common }
          : { type: "notification", method, params, ...common },
      );
    },
  };
}
