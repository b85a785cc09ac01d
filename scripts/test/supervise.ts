/** A program that is bound to end, with all that it started. @module */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** How a program ended. */
export interface Outcome {
  /** 1 where there is none: it was ended, or a signal ended it. */
  readonly code: number;
  /** What it wrote, both streams. */
  readonly output: string;
  /** What a test runner does not tell: that it hung, or that it left processes behind. */
  readonly faults: readonly string[];
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

/** What a program that has ended may need until its children and pipes are gone. */
const FAREWELL_MS = 3_000;
const LOOK_AGAIN_MS = 50;
const COMMAND_LENGTH = 160;

const run = promisify(execFile);
const running = new Set<ChildProcess>();

// Whoever ends the tests ends what they started: groups of their own do not hear a terminal's ^C.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const child of running) endGroup(child);
    process.kill(process.pid, signal);
  });
}

/** Run a program to its end; after `limitMs` it is ended by force, with all that it started. */
export async function supervise(command: readonly string[], limitMs: number): Promise<Outcome> {
  const [file = "", ...args] = command;
  // A group of its own, by which also those are found whose parents are gone.
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  running.add(child);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  }
  const faults: string[] = [];
  const closed = once(child, "close");
  const exited = once(child, "exit");
  const late = setTimeout(async () => {
    const rows = await startedBy(child);
    faults.push(`did not end within ${limitMs / 1000} s and was ended; what ran:`, ...lines(rows));
    for (const { pid } of rows) endProcess(pid);
    endGroup(child);
  }, limitMs);
  try {
    await exited;
    clearTimeout(late);
    faults.push(...(await leftBehind(child)));
    await Promise.race([closed, sleep(FAREWELL_MS, undefined, { ref: false })]);
  } finally {
    clearTimeout(late);
    running.delete(child);
    child.stdout.destroy();
    child.stderr.destroy();
  }
  return { code: child.exitCode ?? 1, output: Buffer.concat(chunks).toString(), faults };
}

async function leftBehind(child: ChildProcess): Promise<readonly string[]> {
  for (let waited = 0; waited < FAREWELL_MS; waited += LOOK_AGAIN_MS) {
    if (!hasGroup(child)) return [];
    await sleep(LOOK_AGAIN_MS);
  }
  const rows = await startedBy(child);
  endGroup(child);
  return rows.length === 0 ? [] : ["ended and left running:", ...lines(rows)];
}

/** The members of its group, and all that have an ancestor there. */
async function startedBy({ pid }: ChildProcess): Promise<readonly ProcessRow[]> {
  const { stdout } = await run("ps", ["-eo", "pid=,ppid=,pgid=,stat=,args="]);
  const rows = stdout.split("\n").flatMap(parseRow);
  const found = new Set<ProcessRow>(rows.filter(({ group }) => group === pid));
  // A set that grows while it is walked: what was added is visited too.
  for (const one of found) {
    for (const row of rows) if (row.parent === one.pid) found.add(row);
  }
  return [...found];
}

function parseRow(line: string): readonly ProcessRow[] {
  const [pid, parent, group, state = "", ...command] = line.trim().split(/\s+/);
  // Zombies hold nothing and cannot be ended.
  if (!pid || state.startsWith("Z")) return [];
  return [
    {
      ...{ pid: Number(pid), parent: Number(parent), group: Number(group) },
      command: command.join(" "),
    },
  ];
}

const lines = (rows: readonly ProcessRow[]): string[] =>
  rows.map(({ pid, command }) => `  ${pid} ${command.slice(0, COMMAND_LENGTH)}`);

function hasGroup({ pid = 0 }: ChildProcess): boolean {
  return tell(-pid, 0);
}

function endGroup({ pid = 0 }: ChildProcess): void {
  tell(-pid, "SIGKILL");
}

function endProcess(pid: number): void {
  tell(pid, "SIGKILL");
}

/** False where there is nobody to tell. */
function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
