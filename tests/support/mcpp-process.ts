/** The real `mcpp` as a child process, on the host that runs the tests. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../runtimes/main.ts", import.meta.url));

/** Deno asks before it does anything, the others do not. */
const hostArgs: readonly string[] = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** Where a process runs. */
export interface McppOptions {
  /** Working folder; the data folder is inside it. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; `open` leaves writing and closing to the caller. */
  readonly input?: string;
}

/** What a process left behind. */
export interface McppOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Tests run side by side: none takes a port that another may want, or looks around in the network.
 * WebRTC's addon is for the tests that are about it: a process that ends while libdatachannel closes
 * a connection is aborted once in some hundred times on a busy machine (node-datachannel 0.33).
 */
const ALONE = {
  MCPP_MESH_TCP_PORT: "0",
  MCPP_MESH_WEB_RTC_PORT: "off",
  MCPP_MESH_MDNS: "false",
} as const;

function environment({ folder, env }: McppOptions): Record<string, string> {
  const { PATH = "", HOME = folder, NODE_COMPILE_CACHE } = process.env;
  const cache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
  return { PATH, HOME, ...cache, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...ALONE, ...env };
}

/** Start a program; the caller ends it. */
export function start(
  file: string,
  args: readonly string[],
  options: McppOptions,
): ChildProcess & { readonly output: () => McppOutcome } {
  const child = spawn(file, args, { cwd: options.folder, env: environment(options) });
  const output = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  // A program that never reads its input may be gone before it was written.
  child.stdin.on("error", () => undefined);
  if (options.input !== "open") child.stdin.end(options.input ?? "");
  return Object.assign(child, { output: () => ({ ...output, code: child.exitCode }) });
}

/** Start `mcpp`; the caller ends it. */
export function startMcpp(args: readonly string[], options: McppOptions): ReturnType<typeof start> {
  return start(process.execPath, [...hostArgs, MAIN, ...args], options);
}

/** Run a program to its end. */
export async function finished(child: ReturnType<typeof start>): Promise<McppOutcome> {
  const [code] = await once(child, "close");
  return { ...child.output(), code };
}

/** Ask a process to end. Deno's own `kill` then reports that signal as the end, whatever came of it. */
export function askToEnd({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(pid, "SIGTERM");
}

/** Run `mcpp` to its end. */
export function mcpp(args: readonly string[], options: McppOptions): Promise<McppOutcome> {
  return finished(startMcpp(args, options));
}

/** Put an executable `mcpp` into the folder; returns a PATH that finds it. */
export async function installMcpp(folder: string): Promise<string> {
  const file = join(folder, "mcpp");
  const words = [process.execPath, ...hostArgs, MAIN].map((word) => `"${word}"`).join(" ");
  await writeFile(file, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(file, 0o755);
  return `${folder}${delimiter}${process.env.PATH ?? ""}`;
}
