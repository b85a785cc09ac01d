/** Calls and their targets, for tests of the spine. @module */

import * as v from "valibot";
import { localCaller } from "../../src/registry/caller.ts";
import type { Services } from "../../src/registry/context.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import type { RegisteredTool } from "../../src/registry/registry.ts";
import type { ToolCall } from "../../src/router/call.ts";
import { CallContext } from "../../src/router/call-context.ts";

/** A tool without parameters, as a call's target. */
export function targetOf(
  run: Tool["run"] = () => ({ content: [] }),
  more: Partial<Tool> = {},
): RegisteredTool {
  const plain = defineTool({
    name: "probe",
    description: "Probe",
    input: v.object({}),
    run: () => undefined,
  });
  const tool: Tool = { ...plain, run, ...more };
  return { name: tool.name, category: "demo", tool };
}

/** A call of `probe`. */
export function callOf(more: Partial<ToolCall> = {}): ToolCall {
  return { tool: "probe", input: {}, caller: localCaller, ...more };
}

/** A context whose handler touches no service. */
export function contextOf(more: Partial<ToolCall> = {}): CallContext {
  return new CallContext(callOf(more), {} as Services);
}
