/** A task in a line: for a table, for a terminal that is redrawn, for a pipe. @module */

import { oneLine, type Style } from "./output.ts";
import { cut } from "./table.ts";
import type { TaskRow } from "./task-answers.ts";

const FINAL: ReadonlySet<string> = new Set(["done", "failed", "cancelled", "dead"]);

/** Whether nothing more happens to a task. */
export function isOver({ state }: Pick<TaskRow, "state">): boolean {
  return FINAL.has(state);
}

/** What a task does: its tool, or its kind. */
export function nameOf({ tool, kind }: Pick<TaskRow, "tool" | "kind">): string {
  return oneLine(tool ?? kind);
}

/** `{team: "ops"}` → `team=ops`. */
export function formatLabels(labels: TaskRow["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => oneLine(`${name}=${value}`))
    .join(" ");
}

const BAR_CELLS = 12;

/** `64 %`, or what was counted where the end is not known. */
export function formatShare(progress: NonNullable<TaskRow["progress"]>): string {
  const { done, total } = progress;
  return total ? `${Math.min(100, Math.round((100 * done) / total))} %` : `${done}`;
}

function bar({ done, total }: NonNullable<TaskRow["progress"]>): string {
  if (!total) return "";
  const filled = Math.min(BAR_CELLS, Math.round((BAR_CELLS * done) / total));
  return `${"▓".repeat(filled)}${"░".repeat(BAR_CELLS - filled)}  `;
}

/** `16 ms`, `1.4 s`, `12 s`, `3 min`. */
export function formatSpan(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

const spanOf = (from: string | undefined, to: number): number =>
  from === undefined ? 0 : to - Date.parse(from);

function whyOf({ error }: TaskRow): string {
  return error ? `: ${oneLine(error.message)}` : "";
}

function waitOf({ runAt, peer }: TaskRow): string {
  if (peer !== undefined) return `at ${oneLine(peer)}`;
  return runAt === undefined ? "waiting" : `scheduled for ${oneLine(runAt)}`;
}

const times = (count: number): string => `${count} ${count === 1 ? "attempt" : "attempts"}`;

/** What is to say of a task that waits or is over; `undefined` while it runs. */
function formatRest(task: TaskRow): string | undefined {
  switch (task.state) {
    case "scheduled":
      return `${waitOf(task)}${task.attempts > 0 ? whyOf(task) : ""}`;
    case "ready":
      return `waiting (priority ${task.priority})`;
    case "done":
      return `done in ${formatSpan(spanOf(task.startedAt, Date.parse(task.finishedAt ?? "")))}`;
    case "failed":
      return `failed${whyOf(task)}`;
    case "dead":
      return `dead after ${times(task.attempts)}${whyOf(task)}`;
    case "leased":
      return undefined;
    default:
      return oneLine(task.state);
  }
}

function formatRun(task: TaskRow): readonly string[] {
  const { lease, attempts, progress } = task;
  return [
    ...(progress?.message === undefined ? [] : [oneLine(progress.message)]),
    oneLine(lease?.worker ?? "?"),
    `attempt ${attempts}`,
    ...(lease?.isCancelling ? ["is asked to stop"] : []),
  ];
}

/** How a line is laid out. */
export interface TaskLayout {
  readonly style: Style;
  readonly columns: number;
  readonly nameWidth: number;
  /** Time at the server, in ms since 1970. */
  readonly now: number;
}

const MARKS: ReadonlyMap<string, readonly [mark: string, colour: "green" | "red" | "dim"]> =
  new Map([
    ["done", ["✓ ", "green"]],
    ["failed", ["✗ ", "red"]],
    ["dead", ["✗ ", "red"]],
    ["cancelled", ["– ", "dim"]],
  ]);

/** Enough of an id to tell tasks apart on a screen. */
export const shortTask = (id: string): string => oneLine(id).slice(0, 8);

/** A line that is written over as the task goes on. */
export function formatLive(task: TaskRow, { style, columns, nameWidth, now }: TaskLayout): string {
  const head = `${shortTask(task.taskId)}  ${nameOf(task).padEnd(nameWidth)}  `;
  const room = Math.max(10, columns - 1 - head.length);
  const rest = formatRest(task);
  if (rest !== undefined) {
    const [mark, colour] = MARKS.get(task.state) ?? ["", "dim"];
    return `${head}${style[colour](mark + cut(rest, room - mark.length))}`;
  }
  const { progress, startedAt } = task;
  const share = progress ? `${bar(progress)}${formatShare(progress).padStart(5)}  ` : "";
  const facts = [...formatRun(task), formatSpan(spanOf(startedAt, now))].join("  ");
  return head + cut(share + facts, room);
}

/** A line for a pipe: the whole id, and nothing that changes by the passing of time. */
export function formatChange(task: TaskRow): string {
  const { progress } = task;
  const run = [...(progress ? [formatShare(progress)] : []), ...formatRun(task)];
  const rest = formatRest(task) ?? ["running", ...run].join("  ");
  return `${oneLine(task.taskId)}  ${nameOf(task)}  ${rest}`;
}
