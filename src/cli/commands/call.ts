/** `mcpp call`: call a tool and print its result. @module */

import type { App } from "../../app-types.ts";
import { InputError, ToolError } from "../../errors.ts";
import { localCaller } from "../../registry/caller.ts";
import type { Tool } from "../../registry/definition.ts";
import type { RegisteredTool } from "../../registry/registry.ts";
import type { CallResult } from "../../registry/result.ts";
import type { CallEvents } from "../../router/call.ts";
import { printResult, textOf } from "../call-result.ts";
import type { CliContext } from "../context.ts";
import { withPeer } from "../mesh-access.ts";
import { withApp } from "../open-app.ts";
import { type Output, oneLine } from "../output.ts";
import { readParams, readParamsJson } from "../params.ts";
import { readInput } from "../read-input.ts";
import { EXIT } from "../report.ts";
import { resolveTool } from "../resolve-tool.ts";
import type { CallFlags } from "../routes.ts";
import { unlessStopped } from "../stop-requested.ts";

/** What of a tool a call needs. */
interface Called extends Pick<RegisteredTool, "name" | "category"> {
  readonly tool: Pick<Tool, "inputSchema">;
}

/** `mcpp call <tool>`. */
export function call(this: CliContext, flags: CallFlags, name: string): Promise<void> {
  const { peer, category } = flags;
  if (peer === undefined) {
    return withApp(this, flags, async (app) =>
      callTool(this, app, await resolveTool(this, app, name, category), flags),
    );
  }
  if (category !== undefined) {
    const message = "--category chooses among the tools of this server: leave it out with --peer";
    throw new InputError("invalid_input", message);
  }
  return withPeer(this, flags, peer, async (app, at) =>
    callTool(this, app, await resolveAt(app, name, at), flags),
  );
}

/** A tool of a peer; of one that it does not list, the peer itself says what there is to it. */
async function resolveAt({ registry }: App, name: string, category: string): Promise<Called> {
  try {
    return await registry.resolve(name, localCaller, category);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== "unknown_tool") throw error;
    return { name, category, tool: { inputSchema: { type: "object" } } };
  }
}

async function callTool(
  context: CliContext,
  app: App,
  target: Called,
  flags: CallFlags,
): Promise<void> {
  const { output, process } = context;
  const input = await readCall(context, target.tool, flags);
  const progress = createProgress(output);
  const calling = runCall(context, app, target, input, progress.events);
  const result = await calling.finally(progress.clear);
  if (result.isError === true) process.exitCode = EXIT.tool;
  if (flags.json) return output.json(result);
  if (result.isError === true) throw new ToolError("tool_failed", textOf(result) || "It failed");
  return printResult(output, result);
}

async function readCall(
  { host }: CliContext,
  { inputSchema }: Called["tool"],
  { param = [], params }: CallFlags,
): Promise<unknown> {
  if (params === undefined) return readParams(inputSchema, param);
  const text = params === "-" ? await readInput(host) : params;
  const whole = readParamsJson(text, params === "-" ? "Standard input for --params -" : "--params");
  return { ...whole, ...readParams(inputSchema, param) };
}

async function runCall(
  { host }: CliContext,
  app: App,
  { name: tool, category }: Called,
  input: unknown,
  events: CallEvents,
): Promise<CallResult> {
  const signal = (): AbortSignal => host.stopRequested;
  const calling = app.call({ tool, category, input, caller: localCaller, signal, events });
  const result = await unlessStopped(host, calling);
  if (result.resultType !== "input_required") return result;
  const message = `"${tool}" asks its caller something before it can finish, which a command line cannot answer: call it from an MCP client`;
  throw new InputError("invalid_input", message, { data: { tool } });
}

interface Progress {
  readonly events: CallEvents;
  readonly clear: () => Promise<void>;
}

/** Progress on one line that is rewritten, on a terminal; nothing elsewhere. */
function createProgress(output: Output): Progress {
  if (!output.isInteractive) return { events: {}, clear: async () => {} };
  let hasLine = false;
  // Lines are written one after another, however fast the tool reports.
  let last: Promise<void> = Promise.resolve();
  const say = (text: string): void => {
    last = last.then(() => output.raw(`\r\u001b[K${text}`));
  };
  return {
    events: {
      progress(done, total, message) {
        hasLine = true;
        const share = total ? `${Math.round((100 * done) / total)} %` : `${done}`;
        say(output.style.dim(`${share}  ${oneLine(message ?? "")}`.slice(0, output.columns - 1)));
      },
    },
    async clear() {
      if (hasLine) say("");
      await last;
    },
  };
}
