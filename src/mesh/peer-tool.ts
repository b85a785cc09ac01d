/** A peer's tool as a tool of ours. @module */

import { errorOfReport, type MeshError, ToolError } from "../errors.ts";
import { ERROR_META_KEY } from "../mcp/protocol.ts";
import type { ToolContext } from "../registry/context.ts";
import type { Tool } from "../registry/definition.ts";
import type { CallResult } from "../registry/result.ts";
import { createProxyTool } from "../upstream/proxy-tool.ts";
import { answerable, withRound } from "../upstream/rounds.ts";
import type { Stripped } from "../upstream/sanitize.ts";
import { toResult } from "../upstream/tool-calls.ts";
import type { ClientPool } from "./client-pool.ts";
import { factsOf, type RpcObject } from "./rpc.ts";

/** Where a listed tool says at which peer it runs. */
const PEER_META_KEY = "mcplusplus/peer";

/** What a peer's tool needs beside its definition. */
export interface PeerToolNeeds {
  readonly peer: string;
  readonly pool: Pick<ClientPool, "request">;
  readonly stripped: Stripped;
}

/** The pool gives up on a peer that neither answers nor tells progress; this bounds the whole call. */
const MAX_CALL_MS = 3_600_000;

/** A tool that runs at a peer, of the definition that the peer listed. */
export function createPeerTool(listed: RpcObject, { peer, pool, stripped }: PeerToolNeeds): Tool {
  const call = async (
    { name }: { readonly name: string },
    input: unknown,
    context: ToolContext,
  ): Promise<CallResult> => {
    const params = withRound({ name, arguments: input }, context);
    const result = await pool.request(peer, "tools/call", params, {
      signal: context.signal,
      progress: context.progress,
      client: answerable(context.client),
      traceparent: context.traceparent,
    });
    const error = errorIn(peer, result);
    if (error) throw error;
    return toResult(`peer ${peer}`, name, result);
  };
  const proxy = createProxyTool(listed, {
    upstream: `peer ${peer}`,
    calls: { call },
    timeoutMs: MAX_CALL_MS,
    override: {},
    admit: () => undefined,
    stripped,
  });
  // Its handler asks the peer whichever runtime runs it, so no other runtime is a way round.
  const routing = { runtime: "mesh", requiresMesh: true, timeoutMs: MAX_CALL_MS } as const;
  const _meta = { ...(proxy.extra?._meta as RpcObject | undefined), [PEER_META_KEY]: peer };
  return {
    ...proxy,
    peer,
    routing,
    extra: { ...proxy.extra, _meta },
    // Its peer checks what goes in and what comes out: here that would say the same a second time.
    parse: (input) => input ?? {},
    run: (input, context) => call({ name: String(listed.name) }, input, context),
  };
}

/** A failure that is not the tool's own comes as a result too; here it is an error again. */
function errorIn(peer: string, { isError, _meta }: RpcObject): MeshError | undefined {
  if (isError !== true) return undefined;
  const report = (_meta as RpcObject | undefined)?.[ERROR_META_KEY] as RpcObject | undefined;
  if (typeof report?.code !== "string" || typeof report.message !== "string") return undefined;
  const { code, message } = report;
  const data = factsOf(peer, (report.data ?? {}) as RpcObject);
  const error = errorOfReport({ code, message, data });
  return error instanceof ToolError ? undefined : error;
}
