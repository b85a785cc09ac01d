/** Programs started for a run: each ends with it, at the latest when its time is over. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where a program runs. */
export type HostName = "node" | "bun" | "deno";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = (name: string): string => `${root}node_modules/.bin/${name}`;

/** How each host runs a file of this project. */
const commands: Readonly<Record<HostName, readonly string[]>> = {
  node: [process.execPath],
  bun: [bin("bun"), "run"],
  deno: [bin("deno"), "run", "-A", "--no-check", "--quiet"],
};

const fileHere = (name: string): string => `${root}tests/conformance/${name}`;

/** The command that hands scenarios to a client that listens on this port. */
export function forwardTo(port: number): string {
  return `${process.execPath} ${fileHere("forward.ts")} ${port}`;
}

const SUITE = `${root}node_modules/@modelcontextprotocol/conformance/dist/index.js`;

/** So long before its time is over, the suite's program says which connections are open. */
const SAY_OPEN_MS = 5_000;

/** Run the conformance suite's own program to its end; resolves with what it said. */
export async function runSuiteProgram(args: readonly string[], timeoutMs: number): Promise<string> {
  const watch = ["--import", new URL("suite-connections.ts", import.meta.url).href];
  const child = spawn(process.execPath, [...watch, SUITE, ...args], {
    cwd: root,
    env: { ...process.env, MCPP_SAY_OPEN_AFTER_MS: String(timeoutMs - SAY_OPEN_MS) },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const [code] = await once(child, "close");
  // It waits until our connections are closed: one that was used and stays open is a fault.
  if (code === null) throw new Error(`The suite did not end within ${timeoutMs} ms\n${output}`);
  return output;
}

/** A program of this folder that listens. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

const START_MS = 30_000;
const STOP_MS = 5_000;

/** Start a file of this folder on a host, and wait for its port. */
export async function startOn(host: HostName, script: string): Promise<Listening> {
  const [file = "", ...args] = [...commands[host], fileHere(script)];
  const child = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const port = await portOf(child, host);
    return { port, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function portOf(child: ChildProcess, host: HostName): Promise<number> {
  if (!child.stdout) throw new Error("The program has no output");
  const lines = createInterface({ input: child.stdout });
  const signal = AbortSignal.timeout(START_MS);
  const ended = once(child, "exit", { signal }).then(([code]): never => {
    throw new Error(`${host} ended with exit code ${code} before it listened`);
  });
  const [line] = await Promise.race([once(lines, "line", { signal }), ended]);
  return JSON.parse(line).port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(kill);
}
