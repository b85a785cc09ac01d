/** `mcpp tasks submit` and `mcpp tasks result`: work that is done later, and what became of it. @module */

import { DeadlineError, InputError, ToolError } from "../../errors.ts";
import { isCallResult } from "../../registry/result.ts";
import { printResult } from "../call-result.ts";
import type { CliContext } from "../context.ts";
import { oneLine } from "../output.ts";
import { readParams, readParamsJson } from "../params.ts";
import { readInput } from "../read-input.ts";
import { EXIT } from "../report.ts";
import { type ServerAccess, withServer } from "../server-access.ts";
import { type OutcomeRow, readOutcome, readSubmitted } from "../task-answers.ts";
import { isOver } from "../task-lines.ts";
import type { ResultFlags, SubmitFlags, TaskFlags } from "../task-routes.ts";
import { placeOf, readNumber } from "./tasks.ts";

/** `mcpp tasks submit [tool]`. */
export function submitTask(this: CliContext, flags: SubmitFlags, tool?: string): Promise<void> {
  const { output } = this;
  if (tool === undefined && (flags.kind === undefined || flags.kind === "tool")) {
    const message = "mcpp tasks submit takes the name of a tool, or --kind";
    throw new InputError("invalid_input", message, { data: { help: "mcpp tasks submit --help" } });
  }
  const request = requestOf(flags, tool);
  return withServer(this, flags, async (server) => {
    const input = await readTaskInput(this, server, flags, tool);
    const answer = await server.call("p2p_taskqueue_submit", { ...request, input });
    const { taskId, state, queue, duplicate, position } = readSubmitted(answer);
    if (flags.wait) return printOutcome(this, flags, await settled(server, flags, taskId));
    if (flags.json) return output.json(answer);
    await output.result(oneLine(taskId));
    const ahead = position === undefined ? "" : `, ${position - 1} ahead`;
    const word = duplicate ? "was submitted before under this key: it is" : "is";
    await output.talk(
      `it ${word} ${oneLine(state)} in the queue "${oneLine(queue)}"${ahead}; mcpp tasks watch ${oneLine(taskId)} follows it`,
    );
  });
}

function requestOf(flags: SubmitFlags, tool: string | undefined): object {
  const { kind, priority, runAt, once, label, group, cron, timezone, attempts, requires } = flags;
  const given = {
    ...{ tool, kind, runAt, cron, timezone },
    idempotencyKey: once,
    groupKey: group,
    requires: requires && [...requires],
    labels: label && labelsOf(label),
    priority: priority === undefined ? undefined : readNumber("priority", priority),
    maxAttempts: attempts === undefined ? undefined : readNumber("attempts", attempts),
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...placeOf(flags), ...Object.fromEntries(present) };
}

/** `["team=ops"]` → `{team: "ops"}`. */
export function labelsOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair): readonly [string, string] => {
    const at = pair.indexOf("=");
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
    const message = `--label takes name=value, such as --label team=ops, and got "${pair}"`;
    throw new InputError("invalid_input", message);
  });
  return Object.fromEntries(entries);
}

async function readTaskInput(
  { host }: CliContext,
  server: ServerAccess,
  { param = [], params, peer }: SubmitFlags,
  tool: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const text = params === "-" ? await readInput(host) : params;
  const source = params === "-" ? "Standard input for --params -" : "--params";
  const whole = text === undefined ? {} : readParamsJson(text, source);
  if (param.length === 0) return whole;
  // What a peer's tool takes, the peer will say.
  const isHere = tool !== undefined && peer === undefined;
  return { ...whole, ...readParams(isHere ? await schemaOf(server, tool) : {}, param) };
}

/** The schema of a tool of the server, which says what a typed value is. */
async function schemaOf(
  server: ServerAccess,
  tool: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { inputSchema } = (await server.call("get_schema", { tool })) as {
    readonly inputSchema?: Readonly<Record<string, unknown>>;
  };
  return inputSchema ?? {};
}

/** `mcpp tasks result <task>`. */
export function taskResult(this: CliContext, flags: ResultFlags, taskId: string): Promise<void> {
  return withServer(this, flags, async (server) => {
    const outcome = flags.wait
      ? await settled(server, flags, taskId)
      : await ask(server, flags, taskId, 0);
    await printOutcome(this, flags, outcome);
  });
}

/** A server holds a request for up to a minute. */
const WAIT_MS = 30_000;

async function settled(server: ServerAccess, flags: TaskFlags, taskId: string) {
  for (;;) {
    const outcome = await ask(server, flags, taskId, WAIT_MS);
    if (isOver(outcome.row)) return outcome;
  }
}

/** An answer, and what of it is read here. */
interface Outcome {
  readonly answer: unknown;
  readonly row: OutcomeRow;
}

async function ask(
  server: ServerAccess,
  flags: TaskFlags,
  taskId: string,
  waitMs: number,
): Promise<Outcome> {
  const input = { ...placeOf(flags), taskId, waitMs };
  const answer = await server.call("p2p_taskqueue_get_result", input);
  return { answer, row: readOutcome(answer) };
}

async function printOutcome(
  { output, process }: CliContext,
  flags: TaskFlags,
  { answer, row }: Outcome,
): Promise<void> {
  const error = errorOf(row);
  if (flags.json) {
    if (error) process.exitCode = error instanceof DeadlineError ? EXIT.timeout : EXIT.tool;
    return output.json(answer);
  }
  if (error) throw error;
  const { result, resultCid } = row;
  if (result === undefined && resultCid !== undefined) {
    await output.talk("the result is large; this is its CID");
    return output.result(oneLine(resultCid));
  }
  if (isCallResult(result)) return printResult(output, result);
  await output.json(result ?? null);
}

/** What keeps a task from having a result. */
function errorOf({ taskId, state, error }: OutcomeRow): ToolError | DeadlineError | undefined {
  if (state === "done") return undefined;
  if (!isOver({ state })) {
    const message = `Task ${taskId} is not over, it is ${state}: --wait waits for it`;
    return new DeadlineError("deadline_exceeded", message, { data: { taskId, state } });
  }
  const why = error ? `: ${error.message} (${error.code})` : "";
  const word = state === "cancelled" ? "was cancelled" : state === "dead" ? "is dead" : "failed";
  return new ToolError("tool_failed", `Task ${taskId} ${word}${why}`, { data: { taskId, state } });
}
