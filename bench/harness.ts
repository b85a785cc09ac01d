/**
 * What every benchmark shares: starting and ending servers, loading them, the shape of a result.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { IntegrityError, UnavailableError } from "../src/errors.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import type { LoadJob, LoadResult } from "./load-client.ts";

/** One figure. Of figures with a `peer`, `ratio` is this value over that peer's. */
export interface Row {
  readonly bench: string;
  readonly host: HostName;
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly ratio?: number;
}

/** A benchmark gives its rows as it gets them. */
export type Benchmark = (host: HostName) => AsyncIterable<Row>;

/** Servers run on one core and the client on another, where the machine has `taskset`. */
const SERVER_CORE = "0";
const CLIENT_CORE = "1";
const canPin: boolean = spawnSync("taskset", ["-c", CLIENT_CORE, "true"]).status === 0;

function pinned(core: string, command: readonly string[]): readonly string[] {
  return canPin ? ["taskset", "-c", core, ...command] : command;
}

/** A server under measurement. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Ends with the process gone. */
  stop(): Promise<void>;
}

/** Longer than the slowest host needs on a busy machine. */
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 3_000;

const running: Set<ChildProcess> = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Start a server and wait for the JSON line in which it tells its port. */
export async function startServer(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const [file = "", ...args] = pinned(SERVER_CORE, command);
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  // Logs go to a file, as they do in service: a pipe would make the benchmark work to empty it.
  const log = await open(join(folder, "log"), "w+");
  const child = spawn(file, args, {
    cwd: projectFolder,
    env: { ...process.env, MCPP_DATA_DIR: folder, ...environment },
    stdio: ["ignore", "pipe", log.fd],
  });
  running.add(child);
  const stop = async (): Promise<void> => {
    await stopChild(child);
    await log.close();
    await rm(folder, { recursive: true });
  };
  try {
    return { port: await announcedPort(child), pid: child.pid ?? 0, stop };
  } catch (cause) {
    const said = (await readFile(join(folder, "log"), "utf8")).slice(-1000);
    await stop();
    throw new UnavailableError(
      "runtime_unavailable",
      `"${command.join(" ")}" did not tell a port${said && `; it said ${said}`}`,
      { cause },
    );
  }
}

async function announcedPort(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new UnavailableError("runtime_unavailable", "The server has no output");
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout, signal });
  for await (const line of lines) {
    // Some peers print a banner of their own before.
    const port = line.startsWith("{") ? (JSON.parse(line) as { port?: number }).port : undefined;
    if (port !== undefined) {
      child.stdout.resume();
      return port;
    }
  }
  throw new UnavailableError("runtime_unavailable", "Its output ended, or time ran out");
}

async function stopChild(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(force);
}

/** Load a server from another process; a wrong answer ends the benchmark. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const client = join(import.meta.dirname, "load-client.ts");
  const [file = "", ...args] = pinned(CLIENT_CORE, commandOn("node", client));
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  child.stdin.end(JSON.stringify(job));
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, "close");
  running.delete(child);
  if (code !== 0) {
    throw new UnavailableError("peer_unreachable", `The load client ended with code ${code}`);
  }
  const result = JSON.parse(Buffer.concat(output).toString("utf8")) as LoadResult;
  if (result.errors > 0) {
    throw new IntegrityError(
      "schema_mismatch",
      `${result.errors} of ${result.requests} answers were wrong; the first was ${result.firstError}`,
    );
  }
  return result;
}
