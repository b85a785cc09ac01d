/** `mcpp workflow submit` and `mcpp workflow result`: a graph of calls, and what it came to. @module */

import { parseFile } from "../../config/file-tree.ts";
import { absolutePath, homeOf } from "../../config/paths.ts";
import { DeadlineError, InputError, messageOf, ToolError } from "../../errors.ts";
import type { WorkflowOutcome } from "../../registry/workflows.ts";
import type { CliContext } from "../context.ts";
import { oneLine } from "../output.ts";
import { readParams } from "../params.ts";
import { readInput } from "../read-input.ts";
import { readJson } from "../read-json.ts";
import { EXIT } from "../report.ts";
import { type ServerAccess, withServer } from "../server-access.ts";
import { readRunOutcome, readSubmittedRun } from "../workflow-answers.ts";
import type { RunResultFlags, SubmitRunFlags } from "../workflow-flags.ts";
import { isRunOver } from "../workflow-lines.ts";
import { placeOf } from "./tasks.ts";
import { labelsOf } from "./tasks-submit.ts";
import { followRun } from "./workflow-watch.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `mcpp workflow submit <file>`. */
export async function submitRun(
  this: CliContext,
  flags: SubmitRunFlags,
  file: string,
): Promise<void> {
  const { output } = this;
  const { once, label, with: peers } = flags;
  const source = await readSource(this, file);
  const given = {
    workflow: source.workflow,
    input: await readRunInput(this, flags, file),
    ...{ idempotencyKey: once, labels: label && labelsOf(label), peers },
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const request = { ...placeOf(flags), ...Object.fromEntries(present) };
  await withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_workflow_submit", request).catch(source.refused);
    const { workflowId, state, duplicate, ready } = readSubmittedRun(answer);
    const id = oneLine(workflowId);
    await (flags.json ? output.json(answer) : output.result(id));
    if (flags.watch) return followRun(this, server, flags, workflowId);
    if (flags.json) return;
    const word = duplicate ? "was submitted before under this key: it is" : "is";
    const count = ready.length === 1 ? "1 node" : `${ready.length} nodes`;
    const began = duplicate ? "" : `, ${count} could begin`;
    await output.talk(`it ${word} ${state}${began}; mcpp workflow watch ${id} follows it`);
  });
}

/** A definition as it was written. */
interface Source {
  readonly workflow: Json;
  /** Throws what the server said of it, with the line of the file. */
  refused(this: void, error: unknown): never;
}

async function readSource({ host }: CliContext, file: string): Promise<Source> {
  const path = absolutePath(file, host.workingFolder, homeOf(host.environment()));
  const name = file === "-" ? "standard input" : file;
  const text = file === "-" ? await readInput(host) : await readFile(host.files, path, name);
  // The parser is that of the configuration, and so is the word for its faults.
  const tree = await parseFile(name, text).catch((cause: unknown) => {
    throw new InputError("invalid_input", messageOf(cause), { cause, data: { file: name } });
  });
  const workflow = tree.value;
  if (!isObject(workflow)) {
    const message = `${name} holds no workflow: it takes a name and nodes, in YAML or JSON`;
    throw new InputError("invalid_input", message, { data: { file: name } });
  }
  return {
    workflow,
    refused(error) {
      if (!(error instanceof InputError) || typeof error.data.path !== "string") throw error;
      const { code, message, data } = error;
      const pointer = error.data.path;
      const keys = keysIn(pointer, workflow);
      if (keys === undefined) throw error;
      const { line, column } = tree.locate(keys);
      const where = message.includes(pointer) ? "" : ` (at ${pointer})`;
      const text = `${name}:${line}:${column}: ${message}${where}`;
      throw new InputError(code, text, { cause: error, data });
    },
  };
}

async function readFile(
  files: CliContext["host"]["files"],
  path: string,
  name: string,
): Promise<string> {
  if ((await files.stat(path))?.kind !== "file") {
    const message = `There is no file ${name}; a workflow is read from a YAML or JSON file, or from - for standard input`;
    throw new InputError("invalid_input", message, { data: { file: path } });
  }
  return new Response(await files.read(path)).text();
}

/** `/nodes/0/tool` → `["nodes", "0", "tool"]`; nothing where it points to another part of the request. */
function keysIn(pointer: string, workflow: Json): readonly string[] | undefined {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [first] = keys;
  if (first === undefined || Object.hasOwn(workflow, first)) return keys;
  return first === "workflow" ? keys.slice(1) : undefined;
}

async function readRunInput(
  { host }: CliContext,
  { input, param = [] }: SubmitRunFlags,
  file: string,
): Promise<unknown> {
  if (input === "-" && file === "-") {
    const message = "Standard input holds the workflow or its input, not both: name a file";
    throw new InputError("invalid_input", message);
  }
  const text = input === "-" ? await readInput(host) : input;
  const source = input === "-" ? "Standard input for --input -" : "--input";
  const whole = text === undefined ? undefined : readJson(source, text);
  if (param.length === 0) return whole;
  if (whole === undefined || isObject(whole)) return { ...whole, ...readParams({}, param) };
  throw new InputError("invalid_input", "--param adds to a JSON object, and --input is none");
}

/** A server holds a request for up to a minute. */
const WAIT_MS = 30_000;

/** `mcpp workflow result <workflow>`. */
export function runResult(
  this: CliContext,
  flags: RunResultFlags,
  workflowId: string,
): Promise<void> {
  const { output, process } = this;
  return withServer(this, flags, async (server) => {
    const { answer, outcome } = await outcomeOf(server, flags, workflowId);
    const error = errorOf(outcome);
    if (flags.json) {
      if (error) process.exitCode = error instanceof DeadlineError ? EXIT.timeout : EXIT.tool;
      return output.json(answer);
    }
    if (error) throw error;
    await output.json(outcome.result ?? outcome.outputs ?? null);
  });
}

async function outcomeOf(server: ServerAccess, flags: RunResultFlags, workflowId: string) {
  for (;;) {
    const input = { ...placeOf(flags), workflowId, waitMs: flags.wait ? WAIT_MS : 0 };
    const answer = await server.call("p2p_workflow_get_result", input);
    const outcome = readRunOutcome(answer);
    if (!flags.wait || isRunOver(outcome)) return { answer, outcome };
  }
}

/** What keeps a run from having a result. */
function errorOf({
  workflowId,
  state,
  error,
}: WorkflowOutcome): ToolError | DeadlineError | undefined {
  if (state === "done") return undefined;
  const data = { workflowId, state };
  if (!isRunOver({ state })) {
    const message = `Workflow ${workflowId} is not over, it is ${state}: --wait waits for it`;
    return new DeadlineError("deadline_exceeded", message, { data });
  }
  const why = error ? `: ${error.message} (${error.code})` : "";
  const word = state === "cancelled" ? "was cancelled" : "failed";
  return new ToolError("tool_failed", `Workflow ${workflowId} ${word}${why}`, { data });
}
