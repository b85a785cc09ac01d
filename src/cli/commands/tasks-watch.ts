/** `mcpp tasks watch`: tasks as they go on, redrawn on a terminal, a line per change elsewhere. @module */

import { InputError } from "../../errors.ts";
import { createBlock } from "../block.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../report.ts";
import { type ServerAccess, withServer } from "../server-access.ts";
import { readTask, readTaskPage, type TaskPage, type TaskRow } from "../task-answers.ts";
import { formatChange, formatLive, isOver, nameOf } from "../task-lines.ts";
import type { WatchFlags } from "../task-routes.ts";
import { placeOf, readNumber } from "./tasks.ts";

/** Tasks that wait and are shown; the rest is a number. */
const MAX_WAITING = 20;
const MAX_RUNNING = 100;
const MAX_NEW = 200;

/** `mcpp tasks watch [task]`: ends with the task that was named, else when it is stopped. */
export function watchTasks(this: CliContext, flags: WatchFlags, taskId?: string): Promise<void> {
  const { host } = this;
  const everyMs = readNumber("every", flags.every);
  if (!(everyMs >= 1 && everyMs <= 20_000)) {
    const message = `--every takes 1 to 20000 ms, and got "${flags.every}"`;
    throw new InputError("invalid_input", message);
  }
  return withServer(this, flags, async (server) => {
    const watch = { context: this, server, place: placeOf(flags), everyMs };
    try {
      await (taskId === undefined ? watchAll(watch, flags) : watchOne(watch, flags, taskId));
    } catch (error) {
      // Ctrl-C is how a watch ends.
      if (!host.stopRequested.aborted) throw error;
    }
  });
}

interface Watch {
  readonly context: CliContext;
  readonly server: ServerAccess;
  readonly place: object;
  readonly everyMs: number;
}

const list = async ({ server, place }: Watch, query: object): Promise<TaskPage> =>
  readTaskPage(await server.call("p2p_taskqueue_list_tasks", { ...place, ...query }));

const statusOf = async ({ server, place }: Watch, taskId: string): Promise<TaskRow> =>
  readTask(await server.call("p2p_taskqueue_task_status", { ...place, taskId }));

/** The server's time: its clock may be another machine's. */
function clockOf({ needs }: CliContext, asOf: string): () => number {
  const offset = Date.parse(asOf) - needs.uptimeMs();
  return () => offset + needs.uptimeMs();
}

async function watchOne(watch: Watch, { json }: WatchFlags, taskId: string): Promise<void> {
  const { context, server, place, everyMs } = watch;
  const now = clockOf(context, (await list(watch, { limit: 1 })).asOf);
  const show = createView(context, json);
  for (;;) {
    const task = await statusOf(watch, taskId);
    await show([task], now());
    if (isOver(task)) {
      if (task.state !== "done") context.process.exitCode = EXIT.tool;
      return;
    }
    // Answered when it is over, or after that time.
    await server.call("p2p_taskqueue_get_result", { ...place, taskId, waitMs: everyMs });
  }
}

async function watchAll(watch: Watch, { json }: WatchFlags): Promise<void> {
  const { context, everyMs } = watch;
  const show = createView(context, json);
  let shown: ReadonlyMap<string, TaskRow> = new Map();
  let since: string | undefined;
  for (;;) {
    const running = await list(watch, { state: "leased", limit: MAX_RUNNING });
    since ??= running.asOf;
    const waiting = await list(watch, { state: "ready", limit: MAX_WAITING });
    // Some come and are over between two looks.
    const fresh = await list(watch, { since, limit: MAX_NEW });
    const tasks = new Map<string, TaskRow>();
    for (const task of [...running.tasks, ...waiting.tasks, ...fresh.tasks]) {
      tasks.set(task.taskId, task);
    }
    for (const [id, before] of shown) {
      if (!isOver(before) && !tasks.has(id)) tasks.set(id, await statusOf(watch, id));
    }
    await show([...tasks.values()], Date.parse(running.asOf));
    shown = tasks;
    if (!(await pause(everyMs, context.host.stopRequested))) return;
  }
}

/** Whether the time passed before the signal fired. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** What a reader would call a change; time alone is none. */
const changeOf = ({ state, attempts, priority, progress, lease, error, note }: TaskRow): string =>
  JSON.stringify([
    ...[state, attempts, priority, progress, note, error?.message],
    ...[lease?.worker, lease?.isCancelling],
  ]);

type Show = (tasks: readonly TaskRow[], now: number) => Promise<void>;

const ORDER: Readonly<Record<string, number>> = { leased: 0, ready: 1, scheduled: 2 };

function createView({ output }: CliContext, wantsJson: boolean): Show {
  const told = new Map<string, string>();
  const block = createBlock(output);
  const isNews = (task: TaskRow): boolean => {
    const change = changeOf(task);
    if (told.get(task.taskId) === change) return false;
    told.set(task.taskId, change);
    return true;
  };
  const tell: Show = async (tasks) => {
    for (const task of tasks.filter(isNews)) {
      if (wantsJson) await output.json(task);
      else await output.result(formatChange(task));
    }
  };
  const draw: Show = async (tasks, now) => {
    const nameWidth = Math.max(0, ...tasks.map((task) => nameOf(task).length));
    const line = (task: TaskRow): string => formatLive(task, { ...output, nameWidth, now });
    const ended = tasks.filter((task) => isOver(task) && isNews(task));
    const live = tasks
      .filter((task) => !isOver(task))
      .sort((a, b) => (ORDER[a.state] ?? 3) - (ORDER[b.state] ?? 3));
    if (ended.length > 0) await block.settle(ended.map(line));
    const none = ended.length === 0 && live.length === 0 ? ["no task runs or waits"] : [];
    await block.redraw([...live.map(line), ...none.map(output.style.dim)]);
  };
  return output.isInteractive && !wantsJson ? draw : tell;
}
