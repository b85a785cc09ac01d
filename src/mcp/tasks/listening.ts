/** News of tasks for clients that listen: `taskIds` of `subscriptions/listen`. @module */

import type { ExtensionTell, Listening, ListenRequest } from "../extension.ts";
import { declaresTasks, TASK_CHANGED, undeclared } from "./names.ts";
import type { TaskSource } from "./task-source.ts";
import { detailedTask } from "./wire-task.ts";

/** More tasks than this nobody watches on one stream. */
const MAX_TASKS = 1_000;

/** Watch what the request names of the caller's tasks; `undefined` where it names none. */
export async function listenForTasks(
  source: TaskSource,
  { notifications, client, caller, signal }: ListenRequest,
  tell: ExtensionTell,
): Promise<Listening | undefined> {
  const { taskIds } = notifications;
  if (!Array.isArray(taskIds)) return undefined;
  if (!declaresTasks(client)) throw undeclared("subscriptions/listen with taskIds");
  const wanted = new Set(taskIds.filter((id) => typeof id === "string").slice(0, MAX_TASKS));
  const agreed = new Set<string>();
  for (const id of wanted) if (await source.task(id, caller)) agreed.add(id);
  return {
    acknowledged: { taskIds: [...agreed] },
    begin() {
      const news = new TaskNews(source, caller, tell, signal);
      source.watch(caller, (id) => agreed.has(id) && news.changed(id), signal);
      // What changed since the client last asked is told by where it stands now.
      for (const id of agreed) news.changed(id);
    },
  };
}

/** Tells each task as it stands, one after the other, and none twice in the same words. */
class TaskNews {
  readonly #source: TaskSource;
  readonly #caller: ListenRequest["caller"];
  readonly #tell: ExtensionTell;
  readonly #signal: AbortSignal;
  readonly #told = new Map<string, string>();
  readonly #changed = new Set<string>();
  #telling: Promise<void> | undefined;

  constructor(
    source: TaskSource,
    caller: ListenRequest["caller"],
    tell: ExtensionTell,
    signal: AbortSignal,
  ) {
    this.#source = source;
    this.#caller = caller;
    this.#tell = tell;
    this.#signal = signal;
  }

  changed(id: string): void {
    this.#changed.add(id);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellAll(): Promise<void> {
    for (const id of this.#changed) {
      this.#changed.delete(id);
      if (this.#signal.aborted) return;
      // A task that cannot be read now is read again with its next change, or by `tasks/get`.
      const task = await this.#source.task(id, this.#caller).catch(() => undefined);
      if (!task) continue;
      const params = detailedTask(task);
      const words = JSON.stringify(params);
      if (this.#told.get(id) === words) continue;
      this.#told.set(id, words);
      this.#tell({ method: TASK_CHANGED, params });
    }
  }
}
