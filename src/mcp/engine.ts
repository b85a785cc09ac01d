/**
 * What MCP's methods mean here, whatever era and transport they came by.
 *
 * `hot-path.ts` answers the common ones from it as plain JSON; `sdk-server.ts` puts the MCP SDK in
 * front of it for everything that streams, asks back or subscribes.
 *
 * @module
 */

import { withScope } from "../concurrency/scope.ts";
import { AuthError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { withoutCopies } from "../registry/copies.ts";
import { type Dispatch, type DispatchTarget, parseDispatch } from "../registry/dispatch.ts";
import { META_DEFINITIONS } from "../registry/meta-definitions.ts";
import { META_ALIASES } from "../registry/meta-tools.ts";
import type { Offers } from "../registry/offers.ts";
import type { RegisteredTool, Registry } from "../registry/registry.ts";
import { type CallResult, text } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import { definitionOf, type WireTool } from "./definitions.ts";
import type { Extension } from "./extension.ts";
import { errorResult, rpcErrorOf } from "./results.ts";
import { RpcFault } from "./rpc-fault.ts";
import type { Asking, CallTasks } from "./tasks/call-tasks.ts";

export type { Extension } from "./extension.ts";

/** What an endpoint shows in `tools/list`. */
export type View = "meta" | "flat" | "hybrid";

/** How this server introduces itself. */
export interface ServerInfo {
  readonly name: string;
  readonly title: string;
  readonly version: string;
}

/** What the engine needs. */
export interface EngineNeeds {
  readonly serverInfo: ServerInfo;
  readonly registry: Registry;
  /** The registry as calls see it, meta-tools included. */
  readonly lookup: Pick<Registry, "loaded" | "resolve">;
  readonly offers: Offers;
  readonly callTool: (call: ToolCall) => Promise<CallResult>;
  /** Categories shown beside the meta-tools in the hybrid view. */
  readonly pinned: () => readonly string[];
  readonly maxBatch: () => number;
  readonly extensions: readonly Extension[];
  /** Left out, no call becomes a task. */
  readonly tasks?: CallTasks;
}

/** What a `tools/call` asks for, without the name and arguments. */
export interface CallFacts extends Omit<ToolCall, "tool" | "category" | "input"> {
  /** A request of the modern era, which a task may answer. */
  readonly mayBeTask?: boolean;
}

/** MCP's methods on this server's registry. */
export interface Engine {
  readonly serverInfo: ServerInfo;
  readonly offers: Offers;
  readonly registry: Registry;
  readonly extensions: readonly Extension[];
  /** The text that tells a model how to begin. */
  instructions(view: View): string;
  definitions(view: View, caller: Caller): Promise<readonly WireTool[]>;
  /** The tool that a call will run, if that is known without loading anything. */
  peek(name: string, args: unknown, caller: Caller): RegisteredTool | undefined;
  /** The same, loading its category if need be; `undefined` where there is no such tool. */
  find(name: string, args: unknown, caller: Caller): Promise<RegisteredTool | undefined>;
  /** Run a call as it is, `dispatch` included; throws what the tool or a step before it threw. */
  run(call: ToolCall): Promise<CallResult>;
  /** Whether the call is refused because its client does not know tasks. */
  needsTasks(target: RegisteredTool, asking: Asking): boolean;
  /** A call's result; a tool's failure is a result too. Throws only what MCP answers as an error. */
  call(name: string, args: unknown, facts: CallFacts): Promise<CallResult>;
}

const META_INSTRUCTIONS =
  "Tools are grouped in categories. Find one with list_tools {query}, read its parameters with " +
  "get_schema {tool}, call it with dispatch {tool, params}.";

const FLAT_INSTRUCTIONS = "Every tool is listed; call each by its name.";

/** An engine over a registry. */
export function createEngine(needs: EngineNeeds): Engine {
  return new RegistryEngine(needs);
}

/** Arguments of a dispatch whose target can be named; others have no target to peek at. */
function targetOf(args: unknown): DispatchTarget | undefined {
  try {
    const dispatch = parseDispatch(args, Number.POSITIVE_INFINITY);
    return dispatch.kind === "one" ? dispatch.target : undefined;
  } catch {
    // The same parse in `call` answers with the error.
    return undefined;
  }
}

/** Whether a name is that of `dispatch`, which stands for the call inside it. */
export function isDispatch(name: string): boolean {
  return name === "dispatch" || META_ALIASES.get(name) === "dispatch";
}

class RegistryEngine implements Engine {
  readonly #needs: EngineNeeds;

  constructor(needs: EngineNeeds) {
    this.#needs = needs;
  }

  get serverInfo(): ServerInfo {
    return this.#needs.serverInfo;
  }
  get offers(): Offers {
    return this.#needs.offers;
  }
  get registry(): Registry {
    return this.#needs.registry;
  }
  get extensions(): readonly Extension[] {
    return this.#needs.extensions;
  }

  instructions(view: View): string {
    return view === "flat" ? FLAT_INSTRUCTIONS : META_INSTRUCTIONS;
  }

  async definitions(view: View, caller: Caller): Promise<readonly WireTool[]> {
    if (view === "meta") return META_DEFINITIONS;
    const { registry } = this.#needs;
    if (view === "flat") return withoutCopies(await registry.list(caller)).map(definitionOf);
    const pinned = new Set(this.#needs.pinned());
    const tools = await registry.list(caller);
    const shown = tools.filter(({ category }) => pinned.has(category));
    return [...META_DEFINITIONS, ...shown.map(definitionOf)];
  }

  peek(name: string, args: unknown, caller: Caller): RegisteredTool | undefined {
    const { lookup } = this.#needs;
    if (!isDispatch(name)) return lookup.loaded(name, caller);
    const target = targetOf(args);
    return target && lookup.loaded(target.tool, caller);
  }

  async find(name: string, args: unknown, caller: Caller): Promise<RegisteredTool | undefined> {
    const target = isDispatch(name) ? targetOf(args) : { tool: name, category: undefined };
    if (!target) return undefined;
    try {
      return await this.#needs.lookup.resolve(target.tool, caller, target.category);
    } catch {
      // `call` meets the same error and answers with it.
      return undefined;
    }
  }

  async run(call: ToolCall): Promise<CallResult> {
    const { tool, input, ...facts } = call;
    if (!isDispatch(tool)) return this.#needs.callTool(call);
    const dispatch = parseDispatch(input, this.#needs.maxBatch());
    if (dispatch.kind === "batch") return this.#runAll(dispatch.targets, facts);
    return this.run({ ...facts, ...dispatch.target });
  }

  async call(name: string, args: unknown, facts: CallFacts): Promise<CallResult> {
    if (isDispatch(name)) return this.#dispatch(args, facts);
    const target = { tool: name, input: args };
    try {
      return await this.#callOrBegin(target, facts);
    } catch (error) {
      // A wrong name is the protocol's to answer, a right that can be asked for is the transport's;
      // all else goes to the model as a result.
      if (rpcErrorOf(error) || (error instanceof AuthError && facts.caller.canEscalate))
        throw error;
      return this.#explain(error, target, facts.caller);
    }
  }

  async #dispatch(args: unknown, facts: CallFacts): Promise<CallResult> {
    let dispatch: Dispatch;
    try {
      dispatch = parseDispatch(args, this.#needs.maxBatch());
    } catch (error) {
      return errorResult(error);
    }
    if (dispatch.kind === "one") return this.#run(dispatch.target, facts);
    // One answer for all of them: none can be a task of its own.
    return this.#runAll(dispatch.targets, { ...facts, mayBeTask: false });
  }

  /** All at once; one that fails is one failed result among the others. */
  async #runAll(targets: readonly DispatchTarget[], facts: CallFacts): Promise<CallResult> {
    const results: unknown[] = new Array(targets.length);
    await withScope(async (scope) => {
      for (const [at, target] of targets.entries()) {
        scope.start(async () => {
          results[at] = { tool: target.tool, ...(await this.#run(target, facts)) };
        });
      }
    }, facts.signal?.());
    const structuredContent = { results };
    return { content: [text(JSON.stringify(structuredContent))], structuredContent };
  }

  async #run(target: DispatchTarget, facts: CallFacts): Promise<CallResult> {
    if (isDispatch(target.tool)) return this.#dispatch(target.input, facts);
    try {
      return await this.#callOrBegin(target, facts);
    } catch (error) {
      if (error instanceof RpcFault) throw error;
      return this.#explain(error, target, facts.caller);
    }
  }

  needsTasks(target: RegisteredTool, asking: Asking): boolean {
    return this.#needs.tasks?.refuses(target, asking) === true;
  }

  /** Run a call, or begin the task that it becomes. */
  #callOrBegin(target: DispatchTarget, facts: CallFacts): Promise<CallResult> {
    const { callTool, tasks, lookup } = this.#needs;
    const { mayBeTask, ...rest } = facts;
    const call = { ...rest, ...target };
    if (!tasks || mayBeTask !== true) return callTool(call);
    const { caller } = facts;
    const run = async (found: RegisteredTool): Promise<CallResult> =>
      (tasks.concerns(found, facts) ? await tasks.begin(found, call) : undefined) ?? callTool(call);
    const known = target.category === undefined ? lookup.loaded(target.tool, caller) : undefined;
    if (known) return tasks.concerns(known, facts) ? run(known) : callTool(call);
    // `callTool` meets the same error, and records it.
    return lookup.resolve(target.tool, caller, target.category).then(run, () => callTool(call));
  }

  #explain(error: unknown, target: DispatchTarget, caller: Caller): CallResult {
    return errorResult(error, this.#needs.lookup.loaded(target.tool, caller));
  }
}
