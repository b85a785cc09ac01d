/**
 * An app with a mesh in a process of its own, for tests that kill, freeze or cut off processes.
 *
 * The argument is its configuration as JSON. It writes one line of JSON with where it is, then one
 * for each command that it reads.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { messageOf, reportOf } from "../../src/errors.ts";
import { openMeshApp } from "./mesh-app.ts";

/** What the parent may ask. */
export type ChildCommand =
  | { readonly connect: string }
  /** Call `add` of a peer so many times, so many at once. */
  | { readonly calls: number; readonly atOnce: number; readonly peer: string }
  /** Processor time over a while of doing nothing. */
  | { readonly idleMs: number };

/** How calls ended: how many with a result, and the others by their codes. */
export interface CallsReport {
  readonly ok: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Part of one processor's time, 0 to 1. */
export interface IdleReport {
  readonly busy: number;
}

const { name, ...config } = JSON.parse(process.argv[2] ?? "{}");
// It ends as it may: by its parent, and without ceremony.
const opened = await openMeshApp({ after() {} }, { name, config, transport: "tcp" });

async function calls(count: number, atOnce: number, peer: string): Promise<CallsReport> {
  const failed: Record<string, number> = {};
  let [ok, next, slowestMs] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    while (next < count) {
      const a = next++;
      const startedAt = performance.now();
      try {
        const { structuredContent } = await opened.call("add", { a, b: 1 }, `peer:${peer}`);
        if ((structuredContent as { sum: number }).sum !== a + 1) throw new Error("wrong sum");
        ok += 1;
      } catch (error) {
        const { code } = reportOf(error);
        failed[code] = (failed[code] ?? 0) + 1;
      }
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { ok, failed, slowestMs };
}

async function idle(ms: number): Promise<IdleReport> {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const { user, system } = process.cpuUsage(before);
  return { busy: (user + system) / 1000 / ms };
}

async function run(command: ChildCommand): Promise<unknown> {
  if ("idleMs" in command) return await idle(command.idleMs);
  if ("calls" in command) return await calls(command.calls, command.atOnce, command.peer);
  return { category: await opened.app.mesh.reach(command.connect) };
}

const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
tell({ peer: opened.peer, address: opened.address });
for await (const line of createInterface({ input: process.stdin })) {
  tell(await run(JSON.parse(line)).catch((error: unknown) => ({ error: messageOf(error) })));
}
process.exit(0);
