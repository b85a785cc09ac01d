/** What MCP's methods mean in a page: its tools, each by its name, and no meta-tools over them. @module */

import { definitionOf } from "../mcp/definitions.ts";
import type { HotEngine } from "../mcp/hot-path.ts";
import { errorResult, rpcErrorOf } from "../mcp/results.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import { VERSION } from "../version.ts";

/** What the engine stands on. */
export interface PageEngineNeeds {
  readonly name: string;
  readonly registry: Pick<Registry, "list" | "loaded" | "resolve">;
  readonly call: (call: ToolCall) => Promise<CallResult>;
}

/** An engine over a page's registry. */
export function createPageEngine({ name, registry, call }: PageEngineNeeds): HotEngine {
  return {
    serverInfo: { name, title: name, version: VERSION },
    extensions: [],
    instructions: () => "Tools of a page that somebody has open; call each by its name.",
    definitions: async (_view, caller) => (await registry.list(caller)).map(definitionOf),
    peek: (tool, _args, caller) => registry.loaded(tool, caller),
    find: (tool, _args, caller) =>
      registry.resolve(tool, caller).catch(() => {
        // `call` meets the same error and answers with it.
        return undefined;
      }),
    // A page keeps no queue.
    needsTasks: () => false,
    async call(tool, input, facts) {
      try {
        return await call({ ...facts, tool, input });
      } catch (error) {
        // A wrong name is the protocol's to answer; all else goes to the model as a result.
        if (rpcErrorOf(error)) throw error;
        return errorResult(error, registry.loaded(tool, facts.caller));
      }
    },
  };
}
