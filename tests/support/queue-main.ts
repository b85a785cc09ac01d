/**
 * The product's command line, on any host, with one kind of task more: `effect` leaves a line in a
 * file for each time that it runs, so that a test can count what happened outside the queue. The tool
 * `chaos_step` does so for workflows.
 *
 * @module
 */

import { appendFileSync, existsSync } from "node:fs";
import process from "node:process";
import { host } from "#host";
import { loadMesh } from "#mesh";
import { createApp } from "../../src/app.ts";

import { runCli } from "../../src/cli/main.ts";
import type { TaskHandler } from "../../src/registry/task-handler.ts";
import { catalog } from "../../tools/mod.ts";
import { chaosTools } from "./chaos-tools.ts";

/** What a task of the kind `effect` asks for. */
export interface EffectInput {
  /** Gets the line `<idempotency key> <process id>`, in one write. */
  readonly file: string;
  /** Comes back as the result. */
  readonly n: number;
  /** How long the work takes after the line is written. */
  readonly ms?: number;
  /** Work until this file is there. */
  readonly until?: string;
}

const effect: TaskHandler = async (input, { signal, idempotencyKey }) => {
  const { file, n, ms = 0, until } = input as EffectInput;
  appendFileSync(file, `${idempotencyKey} ${process.pid}\n`);
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt || (until !== undefined && !existsSync(until))) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(20, ms || 20)));
  }
  return { n, pid: process.pid };
};

const code = await runCli(host, {
  version: "0.0.0-test",
  createApp: (options) =>
    createApp({
      ...options,
      catalog: [...catalog, chaosTools],
      ...(loadMesh && { loadMesh }),
      taskHandlers: { effect },
    }),
  uptimeMs: () => performance.now(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
});
host.exit(code);
