/**
 * `mcplusplus/browser/queue`: a durable queue of the page's own.
 *
 * @example
 * ```ts
 * import { openQueue } from "mcplusplus/browser/queue";
 *
 * const queue = await openQueue({ name: "uploads" });
 * queue.work({ kinds: { upload: (input, { signal }) => send(input, signal) } });
 * await queue.submit({ kind: "upload", input: { photo: 7 } });
 * ```
 *
 * @module
 */

import { type ErrorReport, errorOfReport, InputError } from "../../../src/errors.ts";
import { createOwnQueue, type OwnQueue } from "../../../src/page/own-queue.ts";
import type { Request } from "../../../src/queue/remote-source.ts";
import { onLeave, onWake } from "../page-life.ts";

export type { OwnQueue, OwnWorkOptions } from "../../../src/page/own-queue.ts";
export type { PageTask, PageTaskRequest } from "../../../src/page/queue.ts";
export type { TaskHandler } from "../../../src/registry/task-handler.ts";

/** How a queue is opened. */
export interface OwnQueueOptions {
  /** One tab of a site has the queue of a name; left out, `queue`. */
  readonly name?: string;
  /** The worker script `queue-worker.js`; left out, the one beside this module. */
  readonly worker?: string | URL;
  /** Hears of what fails in the background; left out, the console's debug messages do. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

type Answer =
  | { readonly value: Readonly<Record<string, unknown>> }
  | { readonly error: ErrorReport };

/** Open the queue of this name, or create it. */
export async function openQueue(options: OwnQueueOptions = {}): Promise<OwnQueue> {
  const { name = "queue", worker: script = new URL("./queue-worker.js", import.meta.url) } =
    options;
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new InputError(
      "invalid_input",
      `"${name}" is no name of a queue: use 1 to 64 letters, digits, "_" and "-"`,
    );
  }
  const worker = new Worker(script, { type: "module", name: `mcplusplus queue ${name}` });
  const request = requestsTo(worker);
  try {
    await request("open", { name });
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return createOwnQueue({
    ...{ request, onWake, onLeave },
    async close() {
      await request("close", {});
      worker.terminate();
    },
    // biome-ignore lint/suspicious/noConsole: a page's log is its console
    trouble: options.onTrouble ?? ((what, error) => console.debug("queue:", what, error)),
  });
}

function requestsTo(worker: Worker): Request {
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  let failure: ErrorReport | undefined;
  worker.addEventListener("message", ({ data: [id, answer] }: MessageEvent) => {
    waiting.get(id)?.(answer);
  });
  worker.addEventListener("error", ({ message }) => {
    const said = message || "its script could not be loaded";
    failure = { code: "runtime_unavailable", message: `The worker of the queue failed: ${said}` };
    for (const tell of waiting.values()) tell({ error: failure });
  });
  return async (method, params, signal) => {
    signal?.throwIfAborted();
    asked += 1;
    const id = asked;
    const cancel = (): void => worker.postMessage([id]);
    signal?.addEventListener("abort", cancel, { once: true });
    const answer = await new Promise<Answer>((resolve) => {
      if (failure) return resolve({ error: failure });
      waiting.set(id, resolve);
      worker.postMessage([id, method, params]);
    });
    signal?.removeEventListener("abort", cancel);
    waiting.delete(id);
    signal?.throwIfAborted();
    if ("value" in answer) return answer.value;
    throw errorOfReport(answer.error) ?? new Error(answer.error.message);
  };
}
