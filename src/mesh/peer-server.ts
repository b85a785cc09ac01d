/**
 * What a peer's server is, and in which era it speaks.
 *
 * The protocol's id does not tell, so a peer is asked in the modern way first.
 *
 * @module
 */

import { LEGACY_VERSIONS, META_KEY, RPC_CODE } from "../mcp/protocol.ts";
import { VERSION } from "../version.ts";
import type { PeerClient } from "./peer-client.ts";
import type { Era, RpcObject } from "./rpc.ts";

/** What a peer says of its server. */
export interface PeerServer {
  readonly era: Era;
  readonly name?: string;
  readonly version?: string;
}

const [LEGACY_VERSION] = LEGACY_VERSIONS;

/** Ask in the modern way; `undefined` where the peer does not know it. */
export async function discover(client: PeerClient): Promise<PeerServer | undefined> {
  try {
    return serverOf("modern", await client.request("server/discover", {}));
  } catch (error) {
    if (isForeign(error)) return undefined;
    throw error;
  }
}

/** Begin in the old way, on a stream that has carried nothing yet. */
export async function initialize(client: PeerClient): Promise<PeerServer> {
  const clientInfo = { name: "mcplusplus", version: VERSION };
  const params = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo };
  const result = await client.request("initialize", params, { era: "legacy" });
  client.notify("notifications/initialized", {});
  return serverOf("legacy", result);
}

/** The peer does not know the modern era. */
function isForeign(error: unknown): boolean {
  if (!(error instanceof Error) || !("data" in error)) return false;
  const { rpc } = error.data as { readonly rpc?: { readonly code?: unknown } };
  return rpc?.code === RPC_CODE.methodNotFound || rpc?.code === RPC_CODE.invalidRequest;
}

function serverOf(era: Era, { serverInfo, _meta }: RpcObject): PeerServer {
  const meta = (_meta ?? {}) as RpcObject;
  const info = (serverInfo ?? meta[META_KEY.serverInfo] ?? {}) as RpcObject;
  return {
    era,
    ...(typeof info.name === "string" && { name: info.name }),
    ...(typeof info.version === "string" && { version: info.version }),
  };
}
