/**
 * What every benchmark shares: starting and ending servers, loading them, the shape of a result.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { IntegrityError, UnavailableError } from "../src/errors.ts";
import { commandOn, type HostName, projectFolder } from "./hosts.ts";
import type { LoadJob, LoadResult } from "./load-client.ts";
import { descendantsOf } from "./process-table.ts";

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
  /** The line of JSON in which it told where it listens; empty where it was told. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Ends with the process gone. */
  stop(): Promise<void>;
}

/** Longer than the slowest host needs on a busy machine. */
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 3_000;

const running: Set<ChildProcess> = new Set();
const folders: Set<string> = new Set();
process.once("exit", () => {
  for (const child of running) {
    if (child.pid !== undefined) endAll([child.pid, ...startedBy(child)]);
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What a server started itself, such as the server behind a gateway. */
function startedBy({ pid }: ChildProcess): readonly number[] {
  return pid === undefined ? [] : descendantsOf(pid).map((descendant) => descendant.pid);
}

function endAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      // Most have ended together with their parent.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** How a server is started beside its command. */
export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it was told to listen; left out, it tells its port in a line of JSON. */
  readonly port?: number;
}

/** Start a server and wait until it listens. */
export async function startServer(
  command: readonly string[],
  { environment, port }: StartOptions = {},
): Promise<RunningServer> {
  const [file = "", ...args] = pinned(SERVER_CORE, command);
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  folders.add(folder);
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
    folders.delete(folder);
  };
  try {
    const said = port === undefined ? await announced(child) : {};
    const listensAt = port === undefined ? Number(said.port) : await opened(child, port);
    return { port: listensAt, pid: child.pid ?? 0, said, stop };
  } catch (cause) {
    const said = (await readFile(join(folder, "log"), "utf8")).slice(-1000);
    await stop();
    throw new UnavailableError(
      "runtime_unavailable",
      `"${command.join(" ")}" did not listen${said && `; it said ${said}`}`,
      { cause },
    );
  }
}

async function announced(child: ChildProcess): Promise<RunningServer["said"]> {
  if (!child.stdout) throw new UnavailableError("runtime_unavailable", "The server has no output");
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout, signal });
  for await (const line of lines) {
    // Some peers print a banner of their own before.
    const said = line.startsWith("{") ? (JSON.parse(line) as RunningServer["said"]) : {};
    if (said.port !== undefined) {
      child.stdout.resume();
      return said;
    }
  }
  throw new UnavailableError("runtime_unavailable", "Its output ended, or time ran out");
}

/** A port of the loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const POLL_MS = 20;

/** Wait until somebody accepts connections at `port`. */
async function opened(child: ChildProcess, port: number): Promise<number> {
  child.stdout?.resume();
  const givesUpAt = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < givesUpAt && child.exitCode === null) {
    const socket = connect({ host: "127.0.0.1", port });
    try {
      await once(socket, "connect");
      return port;
    } catch {
      // Refused: it does not listen yet.
      await sleep(POLL_MS);
    } finally {
      socket.destroy();
    }
  }
  throw new UnavailableError("runtime_unavailable", `Nobody listens at port ${port}`);
}

/** Do `attempt` until it succeeds; after the time that a start may take, its error counts. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const givesUpAt = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > givesUpAt) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const started = startedBy(child);
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(force);
  endAll(started);
}

/** Run a program on the client's core: `input` goes to it as JSON, its output comes back as JSON. */
export async function runClient(command: readonly string[], input: unknown): Promise<unknown> {
  const [file = "", ...args] = pinned(CLIENT_CORE, command);
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  folders.add(folder);
  // As with a server: what it logs goes to a file.
  const log = await open(join(folder, "log"), "w+");
  const environment = { ...process.env, MCPP_DATA_DIR: folder };
  const child = spawn(file, args, { env: environment, stdio: ["pipe", "pipe", log.fd] });
  running.add(child);
  child.stdin?.end(JSON.stringify(input));
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, "close");
  running.delete(child);
  await log.close();
  const said = code === 0 ? "" : (await readFile(join(folder, "log"), "utf8")).slice(-1000);
  await rm(folder, { recursive: true });
  folders.delete(folder);
  if (code === 0) return JSON.parse(Buffer.concat(output).toString("utf8"));
  throw new UnavailableError("peer_unreachable", `The client ended with code ${code}: ${said}`);
}

/** Load a server from another process; a wrong answer ends the benchmark. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const client = commandOn("node", join(import.meta.dirname, "load-client.ts"));
  const result = (await runClient(client, job)) as LoadResult;
  if (result.errors > 0) {
    throw new IntegrityError(
      "schema_mismatch",
      `${result.errors} of ${result.requests} answers were wrong; the first was ${result.firstError}`,
    );
  }
  return result;
}
