/** `mcpp tasks`: look at the tasks of a running server, cancel them, try them again. @module */

import { InputError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { type Output, oneLine } from "../output.ts";
import { withServer } from "../server-access.ts";
import { formatTable } from "../table.ts";
import {
  readTask,
  readTaskPage,
  readWorkers,
  type TaskPage,
  type TaskRow,
  type WorkerRow,
} from "../task-answers.ts";
import { formatLabels, formatShare, formatSpan, nameOf } from "../task-lines.ts";
import type {
  CancelFlags,
  DeadFlags,
  ListTasksFlags,
  RetryFlags,
  StatusFlags,
  TaskFlags,
} from "../task-routes.ts";

/** Which queue a command is about. */
export function placeOf({ queue, peer }: TaskFlags): object {
  return { ...(queue !== undefined && { queue }), ...(peer !== undefined && { peer }) };
}

/** A number that somebody typed. */
export function readNumber(flag: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  throw new InputError("invalid_input", `--${flag} takes a number, and got "${text}"`);
}

/** `mcpp tasks list`, and `mcpp tasks` alone. */
export function listTasks(this: CliContext, flags: ListTasksFlags): Promise<void> {
  return showPage(this, flags, flags.state === undefined ? {} : { state: flags.state }, printTasks);
}

/** `mcpp tasks dead`. */
export function listDead(this: CliContext, flags: DeadFlags): Promise<void> {
  return showPage(this, flags, { state: "dead" }, printDead);
}

function showPage(
  context: CliContext,
  flags: DeadFlags,
  states: object,
  print: (output: Output, page: TaskPage) => Promise<void>,
): Promise<void> {
  const { output } = context;
  const { kind, label, group: groupKey, since, limit, cursor } = flags;
  const given = Object.entries({ kind, label, groupKey, since, cursor });
  const query = {
    ...placeOf(flags),
    ...states,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(limit !== undefined && { limit: readNumber("limit", limit) }),
  };
  return withServer(context, flags, async (server) => {
    const answer = await server.call("p2p_taskqueue_list_tasks", query);
    if (flags.json) return output.json(answer);
    const page = readTaskPage(answer);
    await print(output, page);
    if (page.tasks.length === 0) await output.talk("no such task");
    if (page.stale) await output.talk(`the owner is out of reach: as of ${page.asOf}`);
    if (page.nextCursor === undefined) return;
    await output.talk(`there are more: --limit, or --cursor ${oneLine(page.nextCursor)}`);
  });
}

const age = (from: string | undefined, asOf: string): string =>
  from === undefined ? "–" : formatSpan(Date.parse(asOf) - Date.parse(from));

/** Print a table whose first row is its head. */
export function printTable(
  output: Output,
  rows: readonly (readonly string[])[],
  flexible: number,
): Promise<void> {
  const { style, columns } = output;
  const paint = (cell: string, _column: number, row: number): string =>
    row === 0 ? style.bold(cell) : cell;
  return output.result(formatTable(rows, { columns, flexible, paint }).join("\n"));
}

async function printTasks(output: Output, { tasks, asOf }: TaskPage): Promise<void> {
  if (tasks.length === 0) return;
  const head = ["TASK", "WHAT", "STATE", "PRIORITY", "ATTEMPTS", "AGE", "LABELS"];
  const rows = tasks.map((task) => [
    oneLine(task.taskId),
    nameOf(task),
    task.progress && task.state === "leased"
      ? `leased ${formatShare(task.progress)}`
      : oneLine(task.state),
    `${task.priority}`,
    `${task.attempts}/${task.maxAttempts}`,
    age(task.submittedAt, asOf),
    formatLabels(task.labels) || "–",
  ]);
  await printTable(output, [head, ...rows], 6);
}

async function printDead(output: Output, { tasks, asOf }: TaskPage): Promise<void> {
  if (tasks.length === 0) return;
  const rows = tasks.map((task) => [
    oneLine(task.taskId),
    nameOf(task),
    `${task.attempts}`,
    age(task.finishedAt, asOf),
    task.error ? oneLine(`${task.error.code}: ${task.error.message}`) : "–",
  ]);
  await printTable(output, [["TASK", "WHAT", "ATTEMPTS", "SINCE", "WHY"], ...rows], 4);
  await output.talk("mcpp tasks retry <task> submits one of them again");
}

/** `mcpp tasks status <task>`. */
export function showTask(this: CliContext, flags: StatusFlags, taskId: string): Promise<void> {
  const { output } = this;
  return withServer(this, flags, async (server) => {
    const input = { ...placeOf(flags), taskId, history: flags.history };
    const answer = await server.call("p2p_taskqueue_task_status", input);
    if (flags.json) return output.json(answer);
    const task = readTask(answer);
    const rows = factsOf(task).filter(([, value]) => value !== "");
    const { style, columns } = output;
    const paint = (cell: string, column: number): string => (column > 0 ? cell : style.bold(cell));
    await output.result(formatTable(rows, { columns, paint }).join("\n"));
    const events = (task.history ?? []).map(({ at, type, cid }) => [at, type, cid].map(oneLine));
    if (events.length > 0) await output.result(`\n${formatTable(events, { columns }).join("\n")}`);
  });
}

function factsOf(task: TaskRow): readonly (readonly [name: string, value: string])[] {
  const { lease, progress, error } = task;
  const held = lease ? ` by ${lease.worker}${lease.isCancelling ? ", asked to stop" : ""}` : "";
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["task", task.taskId],
    [task.tool === undefined ? "kind" : "tool", nameOf(task)],
    ["state", `${task.state}${held}`],
    ["at", task.peer],
    ["attempts", `${task.attempts} of ${task.maxAttempts}`],
    ["progress", progress && `${formatShare(progress)} ${progress.message ?? ""}`],
    ["priority", `${task.priority}`],
    ["submitted", task.submittedAt],
    ["not before", task.state === "scheduled" ? task.runAt : undefined],
    ["cron", task.cron],
    ["started", task.startedAt],
    ["finished", task.finishedAt],
    ["labels", formatLabels(task.labels)],
    ["note", task.note],
    ["error", error && `${error.code}: ${error.message}`],
  ];
  return facts.map(([name, value]) => [name, oneLine(value ?? "")]);
}

/** `mcpp tasks cancel <task>`. */
export function cancelTask(this: CliContext, flags: CancelFlags, taskId: string): Promise<void> {
  const { output } = this;
  const { reason, grace } = flags;
  const input = {
    ...{ ...placeOf(flags), taskId },
    ...(reason !== undefined && { reason }),
    ...(grace !== undefined && { graceMs: readNumber("grace", grace) }),
  };
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_taskqueue_cancel", input);
    if (flags.json) return output.json(answer);
    const { state, requested } = answer as {
      readonly state?: unknown;
      readonly requested?: unknown;
    };
    const is = requested === true ? "asked to stop; its worker has it still" : oneLine(`${state}`);
    await output.result(`${oneLine(taskId)} is ${is}`);
  });
}

/** `mcpp tasks retry <task>`. */
export function retryTask(this: CliContext, flags: RetryFlags, taskId: string): Promise<void> {
  const { output } = this;
  return withServer(this, flags, async (server) => {
    const input = { ...placeOf(flags), taskId, reset: flags.reset };
    const answer = await server.call("p2p_taskqueue_resubmit", input);
    if (flags.json) return output.json(answer);
    const { taskId: id } = answer as { readonly taskId?: unknown };
    await output.result(oneLine(`${id}`));
    await output.talk(`submitted again; mcpp tasks watch ${oneLine(`${id}`)} follows it`);
  });
}

/** `mcpp tasks workers`. */
export function listWorkers(this: CliContext, flags: TaskFlags): Promise<void> {
  const { output } = this;
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_taskqueue_worker_stats", placeOf(flags));
    if (flags.json) return output.json(answer);
    const workers = readWorkers(answer);
    if (workers.length === 0)
      return output.talk("no worker was heard of: queue.slots sets how many run here");
    const head = [
      "WORKER",
      "HOST",
      "SLOTS",
      "RUNNING",
      "DONE",
      "FAILED",
      "STALLED",
      "P50",
      "P99",
      "HEARD",
    ];
    await printTable(output, [head, ...workers.map(workerRow)], 0);
  });
}

function workerRow(worker: WorkerRow): readonly string[] {
  const span = (ms: number | undefined): string => (ms === undefined ? "–" : formatSpan(ms));
  return [
    oneLine(worker.worker),
    oneLine(worker.host ?? "–"),
    `${worker.slots ?? "–"}`,
    ...[worker.running, worker.done, worker.failed, worker.stalled].map(String),
    span(worker.p50Ms),
    span(worker.p99Ms),
    oneLine(worker.lastHeartbeat),
  ];
}
