/** CPU time and memory of other processes, as Linux counts them in `/proc`. @module */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { UnavailableError } from "../src/errors.ts";

/** Linux reports CPU time to programs in hundredths of a second, whatever the kernel's own tick. */
const MS_PER_TICK = 10;

/** One process at one moment. */
export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, ended ones included. */
  readonly cpuMs: number;
}

/** Read one line of `/proc/<pid>/stat`; the program's name in it may hold spaces and brackets. */
export function parseStat(line: string): ProcessTimes {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  // proc(5): after the name come state (3), ppid (4) … utime (14) and stime (15).
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return {
    pid: Number.parseInt(line, 10),
    parent: parent ?? 0,
    cpuMs: ((user ?? 0) + (system ?? 0)) * MS_PER_TICK,
  };
}

/** CPU time of one process alone. */
export function cpuMsOf(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")).cpuMs;
}

function everyProcess(): ProcessTimes[] {
  if (!existsSync("/proc/self/stat")) return [];
  const found: ProcessTimes[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.push(parseStat(readFileSync(`/proc/${name}/stat`, "utf8")));
    } catch (error) {
      // A process may end between the listing and the reading.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ESRCH") throw error;
    }
  }
  return found;
}

/** All that `pid` started, directly or not. */
export function descendantsOf(
  pid: number,
  processes: readonly ProcessTimes[] = everyProcess(),
): readonly ProcessTimes[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}

/** Memory of a process that is in RAM now. */
export function rssBytesOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** Benchmarks that read CPU time or memory say so before they start anything. */
export function requireProcessTable(): void {
  if (existsSync("/proc/self/stat")) return;
  throw new UnavailableError(
    "runtime_unavailable",
    "This benchmark reads CPU time and memory from /proc: run it on Linux, e.g. in a container",
  );
}
