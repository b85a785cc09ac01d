/** What a tab of the tests does with tasks: part of `browser-tab.ts`. @module */

import * as v from "valibot";
import {
  defineTool,
  type PageMesh,
  type PageQueuePlace,
  type PageTask,
  type PageTaskRequest,
  type PageWorker,
  type PageWorkOptions,
  type TaskInfo,
  type Tool,
} from "../../runtimes/browser.ts";

const holding: (() => void)[] = [];
let isOpen = false;

/** Half a piece of work; the other half when the test says so. */
async function half(
  name: string,
  { signal, progress }: { signal: AbortSignal; progress(done: number, total?: number): void },
): Promise<{ by: string }> {
  progress(1, 2);
  await new Promise<void>((resolve, reject) => {
    if (isOpen) resolve();
    holding.push(resolve);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  progress(2, 2);
  return { by: name };
}

/** Runs until the test lets it go on. */
export const hold: Tool = defineTool({
  name: "hold",
  description: "Half a piece of work; the other half when the test says so",
  input: v.object({}),
  run: (_, context) => half(document.title, context),
});

type Told = <T>(work: () => T | Promise<T>) => Promise<{ value: T } | { error: unknown }>;

/** Functions for `tab`. */
export function taskFunctions(
  joined: () => PageMesh,
  told: Told,
): Readonly<Record<string, (...args: never[]) => unknown>> {
  let task: PageTask | undefined;
  let worker: PageWorker | undefined;
  const events: TaskInfo[] = [];
  const submitted = (): PageTask => {
    if (!task) throw new Error("This tab has submitted nothing");
    return task;
  };
  return {
    title: (title: string) => {
      document.title = title;
    },
    submit: (request: PageTaskRequest, options?: PageQueuePlace) =>
      told(async () => {
        task = await joined().queue.submit(request, options);
        return task.taskId;
      }),
    resume: (taskId: string, peer: string) =>
      told(() => {
        task = joined().queue.task(taskId, { peer });
      }),
    /** Collect what it tells, for `taskEvents`. */
    followTask: () => {
      const follow = async (): Promise<void> => {
        for await (const event of submitted().events()) events.push(event);
      };
      void follow();
    },
    taskEvents: () => events,
    taskResult: () => told(() => submitted().result()),
    cancelTask: () => told(() => submitted().cancel("enough")),
    work: (options: PageWorkOptions, kinds: readonly string[] = []) =>
      told(async () => {
        const handlers = kinds.map((kind) => [
          kind,
          (_: unknown, context: Parameters<typeof half>[1]) => half(document.title, context),
        ]);
        worker = await joined().queue.work({ ...options, kinds: Object.fromEntries(handlers) });
        return worker.peer;
      }),
    working: () => worker?.size,
    /** Let what is held, and will be, go on. */
    proceed: () => {
      isOpen = true;
      for (const go of holding) go();
    },
    stopWork: (graceMs?: number) => told(() => worker?.stop(graceMs)),
  };
}
