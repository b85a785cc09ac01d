/** What Node, Bun and Deno all offer through `node:process`. @module */

import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Host, Terminal } from "../../src/host.ts";
import { processFiles } from "./files.ts";
import { spawnProcess } from "./spawn.ts";
import { openSqliteStore } from "./sqlite-store.ts";

/** The facilities that a host's shim need not provide itself. */
export type ProcessHost = Omit<Host, "name" | "version" | "listen" | "terminal" | "stopRequested">;

/** The data folder of the operating system's conventions. */
function dataHome(): string {
  const { env, platform } = process;
  if (env.XDG_DATA_HOME) return env.XDG_DATA_HOME;
  if (platform === "win32" && env.LOCALAPPDATA) return env.LOCALAPPDATA;
  if (platform === "darwin") return join(homedir(), "Library", "Application Support");
  return join(homedir(), ".local", "share");
}

/** A binary that Bun compiled names a file of its own inside. */
function ownArguments(): readonly string[] {
  const { argv, execArgv, versions } = process;
  const main = argv[1];
  if (main === undefined || main.includes("$bunfs")) return [];
  return versions.deno ? ["run", "-A", main] : [...execArgv, main];
}

let stopping: AbortController | undefined;

/**
 * Fires at the first request to end; the second ends the process at once.
 *
 * Asking for it takes the signals over, so a program that only embeds a server keeps its own ways.
 */
export function stopRequested(): AbortSignal {
  if (stopping) return stopping.signal;
  const controller = new AbortController();
  stopping = controller;
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error("asked to stop"));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/** Environment variables that are set. */
function environment(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The shared part of each host. */
export const processHost: ProcessHost = {
  platform: process.platform,
  pid: process.pid,
  args: process.argv.slice(2),
  ownCommand: { file: process.execPath, args: ownArguments() },
  files: processFiles,
  dataHome: dataHome(),
  workingFolder: process.cwd(),
  environment,
  memory() {
    const { rss, heapUsed } = process.memoryUsage();
    return { rssBytes: rss, heapBytes: heapUsed };
  },
  spawn: spawnProcess,
  resolveAddresses: async (hostname) =>
    (await lookup(hostname, { all: true })).map(({ address }) => address),
  openStore: openSqliteStore,
  openQueueStore: async (location) =>
    (await import("./queue/open-queue-store.ts")).openQueueStore(location),
  openTransports: async (options) => (await import("./transports.ts")).openTransports(options),
  joinLocalNetwork: async (options) =>
    (await import("./local-network.ts")).joinLocalNetwork(options),
  readPage: async (name) => (await import("./join-page.ts")).readPage(name),
  exit: (code) => process.exit(code),
};

/** Resolves when the text was taken; a reader that is gone is no error of ours. */
function write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") reject(error);
      else resolve();
    });
  });
}

/** The process's terminal over this input, which is opened on first use: it keeps a process alive. */
export function processTerminal(
  openInput: () => ReadableStream<Uint8Array>,
  own: Partial<Pick<Terminal, "printError">> = {},
): Terminal {
  // Without a listener, a closed pipe ends the process before anybody can react.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return {
    get input() {
      return openInput();
    },
    isInteractive: process.stdout.isTTY === true,
    get columns() {
      return process.stdout.columns ?? 80;
    },
    print: (text) => write(process.stdout, text),
    printError: (text) => write(process.stderr, text),
    ...own,
  };
}
