/** What a peer lists, page by page. @module */

import { IntegrityError } from "../errors.ts";
import type { ClientPool } from "./client-pool.ts";
import type { RpcObject } from "./rpc.ts";

/** A peer may offer this many tools. */
const MAX_TOOLS = 5_000;
const MAX_PAGES = 64;

/** The definitions of a peer's tools, as it sent them. */
export async function listTools(pool: ClientPool, peer: string): Promise<readonly RpcObject[]> {
  const listed = new Map<unknown, RpcObject>();
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES && listed.size < MAX_TOOLS; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await pool.request(peer, "tools/list", params);
    if (!Array.isArray(tools)) {
      throw new IntegrityError(
        "schema_mismatch",
        `Peer ${peer} answered tools/list without a list`,
        {
          data: { peer },
        },
      );
    }
    for (const tool of tools.filter(isListed)) listed.set(tool.name, tool);
    if (typeof nextCursor !== "string" || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return [...listed.values()].slice(0, MAX_TOOLS);
}

/** What has no name that can be shown is left out. */
function isListed(tool: unknown): tool is RpcObject {
  const name = (tool as RpcObject | null)?.name;
  return typeof name === "string" && name.length > 0 && name.length <= 128;
}
