/** Memory in RAM of a process with a queue: with nothing to do, and with a backlog. @module */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Row, runClient } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { BacklogJob, BacklogResult } from "./queue/backlog.ts";

const TASKS = 1_000_000;
const MEBIBYTE = 1024 * 1024;

/** Measure on one host. */
export async function* queueMemory(host: HostName): AsyncGenerator<Row> {
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  try {
    const job: BacklogJob = { place: join(folder, "queue.db"), tasks: TASKS };
    const command = commandOn(host, join(import.meta.dirname, "queue", "backlog.ts"));
    const { idleBytes, fullBytes, storeBytes } = (await runClient(command, job)) as BacklogResult;
    const row = { bench: "queue-memory", host, subject: "sqlite", unit: "MiB" };
    yield { ...row, metric: "idle", value: idleBytes / MEBIBYTE };
    const ratio = fullBytes / idleBytes;
    yield { ...row, metric: `${TASKS} ready`, value: fullBytes / MEBIBYTE, peer: "idle", ratio };
    yield { ...row, metric: "on disk", value: storeBytes / MEBIBYTE };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
