/** Who holds a queue's file: a lock file beside it tells what SQLite's lock does not. @module */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

/** Who holds a queue's file, as its lock file tells. */
export interface QueueOwner {
  readonly pid: number;
  readonly since: string;
  /** Where it can be asked, once that is known. */
  readonly address?: string;
  /** Opens the owner to whoever can read this file: its own user. */
  readonly token?: string;
}

/** Tell who holds the file at `path`, and where it can be asked. */
export function announceOwner(
  path: string,
  about: Pick<QueueOwner, "address" | "token"> = {},
): void {
  const owner: QueueOwner = { pid: process.pid, since: new Date().toISOString(), ...about };
  writeFileSync(lockFileOf(path), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
}

/** It is nobody's any more. */
export function forgetOwner(path: string): void {
  rmSync(lockFileOf(path), { force: true });
}

const lockFileOf = (path: string): string => `${path}.owner`;

/** Who holds the queue's file; `undefined` where nobody says so. */
export function queueOwner(path: string): QueueOwner | undefined {
  try {
    return JSON.parse(readFileSync(lockFileOf(path), "utf8")) as QueueOwner;
  } catch {
    // No file, or one that is being written: whoever holds the lock is not known by name.
    return undefined;
  }
}
