/**
 * Calls of a mounted server's tools: straight through where nobody needs to be asked, through the
 * table of pending calls where the server may ask.
 *
 * @module
 */

import { IntegrityError, ToolError, UnavailableError } from "../errors.ts";
import type { ToolContext } from "../registry/context.ts";
import type { CallResult, ContentBlock } from "../registry/result.ts";
import type { Connection } from "./connection.ts";
import type { ParamHeaders } from "./param-headers.ts";
import { isAskable, type PendingCalls } from "./pending-calls.ts";
import { answerable, roundOf, withRound } from "./rounds.ts";
import type { LinkRequest, RpcObject, ServerRequest } from "./rpc.ts";
import { withoutReserved } from "./sanitize.ts";
import type { Supervisor } from "./supervisor.ts";

/** A tool as its server knows it. */
export interface RemoteTool {
  readonly name: string;
  readonly paramHeaders: ParamHeaders | undefined;
}

/** Calls of one server's tools. */
export interface ToolCalls {
  readonly calls: number;
  readonly failures: number;
  /** Requests that the server has not answered yet. */
  readonly inFlight: number;
  call(tool: RemoteTool, input: unknown, context: ToolContext): Promise<CallResult>;
  /** A request of the server in the middle of a call; `false` where it is none of ours. */
  asked(connection: Connection | undefined, request: ServerRequest): boolean;
  /** Resolves when nothing is in flight, or when the signal says that it took too long. */
  drained(signal: AbortSignal): Promise<void>;
}

/** What calling needs. */
export interface ToolCallsNeeds {
  readonly upstream: string;
  readonly supervisor: Pick<Supervisor, "connection" | "ready">;
  readonly pending: PendingCalls;
  /** Told after each call, e.g. to stop a server that is not used. */
  readonly finished: () => void;
}

const questions = new Set(["elicitation/create", "sampling/createMessage", "roots/list"]);

/** Marks the state of a call that waits here, beside that of one that waits at its server. */
const PENDING_STATE = "pending:";

/** Calls over a supervised connection. */
export function createToolCalls(needs: ToolCallsNeeds): ToolCalls {
  return new RemoteCalls(needs);
}

class RemoteCalls implements ToolCalls {
  readonly #needs: ToolCallsNeeds;
  #calls = 0;
  #failures = 0;
  #inFlight = 0;
  #drained: (() => void) | undefined;

  constructor(needs: ToolCallsNeeds) {
    this.#needs = needs;
  }

  get calls(): number {
    return this.#calls;
  }
  get failures(): number {
    return this.#failures;
  }
  get inFlight(): number {
    return this.#inFlight;
  }

  async call(tool: RemoteTool, input: unknown, context: ToolContext): Promise<CallResult> {
    const { requestState: state } = context;
    if (state?.startsWith(PENDING_STATE)) return this.#resume(tool, input, context, state);
    this.#calls += 1;
    const connection = this.#needs.supervisor.connection ?? (await this.#start(context.signal));
    try {
      return await this.#run(connection, tool, input, context);
    } catch (error) {
      // A server that forgot our session has not looked at the call: it is safe to repeat.
      if (!(error instanceof UnavailableError && error.data.isForgotten)) throw error;
      return this.#run(await this.#start(context.signal), tool, input, context);
    }
  }

  #run(
    connection: Connection,
    tool: RemoteTool,
    input: unknown,
    context: ToolContext,
  ): Promise<CallResult> {
    if (connection.era === "legacy" && isAskable(context.client)) {
      return this.#begin(connection, tool, input, context);
    }
    const params = withRound({ name: tool.name, arguments: input }, context);
    return this.#send(connection, tool, params, {
      signal: context.signal,
      progress: (...progress) => context.progress(...progress),
      headers: tool.paramHeaders?.(input),
      client: connection.era === "modern" ? answerable(context.client) : undefined,
    });
  }

  async #start(signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([this.#needs.supervisor.ready(), aborted.promise]);
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #send(
    connection: Connection,
    tool: RemoteTool,
    params: RpcObject,
    request: LinkRequest,
  ): Promise<CallResult> {
    this.#inFlight += 1;
    try {
      const result = await connection.request("tools/call", params, request);
      return toResult(this.#needs.upstream, tool.name, result);
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#drained?.();
      this.#needs.finished();
    }
  }

  #begin(
    connection: Connection,
    tool: RemoteTool,
    input: unknown,
    context: ToolContext,
  ): Promise<CallResult> {
    const owner = { caller: context.caller.id, tool: tool.name, input };
    const params = { name: tool.name, arguments: input };
    const headers = tool.paramHeaders?.(input);
    const started = this.#needs.pending.begin(owner, context, (signal, progress) =>
      this.#send(connection, tool, params, { signal, progress, headers }),
    );
    return started.then(withPendingState);
  }

  async #resume(
    tool: RemoteTool,
    input: unknown,
    context: ToolContext,
    state: string,
  ): Promise<CallResult> {
    const owner = { caller: context.caller.id, tool: tool.name, input };
    const id = state.slice(PENDING_STATE.length);
    return withPendingState(await this.#needs.pending.resume(owner, context, id));
  }

  asked(connection: Connection | undefined, request: ServerRequest): boolean {
    const { method, params } = request;
    if (!questions.has(method) || !connection || this.#inFlight === 0) return false;
    const answer = connection.answer.bind(connection, request);
    this.#needs.pending.ask({ method, params, answer }, this.#inFlight);
    return true;
  }

  drained(signal: AbortSignal): Promise<void> {
    if (this.#inFlight === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

function withPendingState(result: CallResult): CallResult {
  if (result.resultType !== "input_required") return result;
  return { ...result, requestState: `${PENDING_STATE}${result.requestState ?? ""}` };
}

/** What a server answered to a call, checked; throws where it is no result of one. */
export function toResult(upstream: string, tool: string, result: RpcObject): CallResult {
  const { resultType } = result;
  if (resultType === "input_required") return { content: [], ...roundOf(result) };
  if (resultType !== undefined && resultType !== "complete") {
    throw new ToolError(
      "tool_failed",
      `"${tool}" of ${upstream} answered with a result of type "${String(resultType)}", which this server does not pass on`,
      { data: { upstream, tool } },
    );
  }
  const { content, structuredContent, isError } = result;
  if (!Array.isArray(content) && structuredContent === undefined) {
    throw new IntegrityError(
      "schema_mismatch",
      `"${tool}" of ${upstream} answered without content`,
      { data: { upstream, tool } },
    );
  }
  const meta = result._meta === undefined ? undefined : withoutReserved(result._meta);
  return {
    content: Array.isArray(content) ? (content as ContentBlock[]) : [],
    ...(structuredContent !== undefined && { structuredContent }),
    ...(isError === true && { isError }),
    ...(meta && { _meta: meta }),
  };
}
