/** Queues on disks that are full, and in files that are damaged. @module */

import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { host } from "#host";
import { QUEUE_FILE } from "../../src/config/paths.ts";
import { callQueue, Refused } from "../support/queue-calls.ts";
import {
  type QueueProcessOptions,
  type StartedServer,
  serverArgs,
  startedServer,
  startQueueProcess,
} from "../support/queue-processes.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);

// The files are the same whoever asks for them.
const skip = host.name === "node" ? false : "runs on Node";

/** A place for data that can be made full, and empty again. */
interface Scarce {
  readonly folder: string;
  readonly options: QueueProcessOptions;
  relieve(server: StartedServer): Promise<void>;
}

const MIB = 1024 * 1024;

/** A file system of a few MiB, most of them taken; only root can mount one. */
async function smallDisk(t: Cleanup): Promise<Scarce | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "mcpp-"));
  const disk = join(folder, "data");
  const ballast = join(disk, "ballast");
  await mkdir(disk);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=8m", "none", disk]).catch(
    () => undefined,
  );
  t.after(async () => {
    // Lazily: a server that a failed test left may be on it yet.
    if (mounted) await run("umount", ["-l", disk]);
    await rm(folder, { recursive: true, force: true });
  });
  if (!mounted) return undefined;
  await writeFile(ballast, new Uint8Array(5 * MIB));
  return { folder, options: {}, relieve: () => rm(ballast) };
}

/** A limit on the size of files, which the system then raises for the running process. */
async function smallFiles(t: Cleanup): Promise<Scarce> {
  return {
    folder: await createTempFolder(t),
    options: { wrap: ["prlimit", `--fsize=${2 * MIB}:unlimited`] },
    async relieve({ pid }) {
      await run("prlimit", [`--pid=${pid}`, "--fsize=unlimited:unlimited"]);
    },
  };
}

const hasPrlimit = ((): boolean => {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

async function server(
  t: Cleanup,
  folder: string,
  options: QueueProcessOptions = {},
  slots = 0,
): Promise<StartedServer> {
  const args = await serverArgs(folder, { queue: { slots } });
  const started = startQueueProcess(folder, args, options);
  t.after(async () => {
    started.signal("SIGKILL");
    await started.ended;
  });
  return startedServer(started);
}

async function stopped(server: StartedServer): Promise<void> {
  server.signal("SIGTERM");
  assertEquals(await server.ended, 0);
}

/** How the queue refuses. */
async function refusal(call: Promise<unknown>): Promise<Refused> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(error instanceof Refused, `expected a refusal, not ${error}`);
  return error;
}

/** A task that takes this much of the disk. */
function large(length: number): Readonly<Record<string, unknown>> {
  return { kind: "tool", tool: "cache_set", input: { key: "a", value: "x".repeat(length) } };
}

/** Submit until it is refused. */
async function submitUntilFull({ url }: StartedServer): Promise<{
  readonly acked: readonly string[];
  readonly refused: Refused;
}> {
  const acked: string[] = [];
  for (let at = 0; at < 1_000; at += 1) {
    try {
      acked.push(String((await callQueue(url, "submit", large(50_000))).taskId));
    } catch (error) {
      assert(error instanceof Refused, `${error}`);
      return { acked, refused: error };
    }
  }
  throw new Error(`it took ${acked.length} tasks and was not full`);
}

/** It refuses while there is no space, and goes on with all that it acknowledged once there is. */
async function assertSurvives(t: Cleanup, scarce: Scarce): Promise<void> {
  const owner = await server(t, scarce.folder, scarce.options, 1);
  const { url } = owner;

  const { acked, refused } = await submitUntilFull(owner);

  assertEquals(refused.code, "storage_unavailable");
  assertMatch(refused.message, /queue\.sqlite (is full|cannot be used)/);
  assert(acked.length > 0);
  assertEquals((await refusal(callQueue(url, "submit", large(50_000)))).code, refused.code);
  // What needs no space is answered.
  const [first = ""] = acked;
  assertEquals((await callQueue(url, "task_status", { taskId: first })).taskId, first);

  await scarce.relieve(owner);
  const next = String((await callQueue(url, "submit", large(10))).taskId);
  for (const taskId of [...acked, next]) {
    const { state } = await callQueue(url, "get_result", { taskId, waitMs: 30_000 });
    assertEquals(state, "done");
  }
  await stopped(owner);
  const again = await server(t, scarce.folder);
  const { counts } = await callQueue(again.url, "status", {});
  assertEquals((counts as { readonly done: number }).done, acked.length + 1);
}

describe("a queue without space", { skip }, () => {
  it("on a full disk refuses, loses nothing, and goes on when there is space", async (t) => {
    const scarce = await smallDisk(t);
    if (!scarce) return t.skip("only root can mount a small file system");
    await assertSurvives(t, scarce);
  });

  it("under a limit of file sizes does the same", {
    skip: hasPrlimit ? false : "there is no prlimit here",
  }, async (t) => {
    await assertSurvives(t, await smallFiles(t));
  });
});

/** The rest of the server works; the queue says what is wrong, and is back once the file is away. */
async function assertSaysWayOut(t: Cleanup, folder: string, file: string): Promise<void> {
  const owner = await server(t, folder);
  const { url } = owner;

  const refused = await refusal(callQueue(url, "submit", large(10)));

  assertEquals(refused.code, "store_corrupt");
  assertMatch(
    refused.message,
    /is damaged [\s\S]*: restore the file from a backup, or move it away/,
  );
  assertEquals((await refusal(callQueue(url, "status", {}))).code, "store_corrupt");
  const health = await fetch(new URL("/tools/cache_set", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: "a", value: 1 }),
  });
  assertEquals(health.status, 200);

  await rename(file, `${file}.damaged`);
  await rm(`${file}-wal`, { force: true });
  await rm(`${file}-shm`, { force: true });
  assertEquals((await callQueue(url, "submit", large(10))).state, "ready");
  await stopped(owner);
}

describe("a queue in a damaged file", { skip }, () => {
  it("that is no database is refused, and the server works", async (t) => {
    const folder = await createTempFolder(t);
    const file = join(folder, "data", QUEUE_FILE);
    await mkdir(join(folder, "data"));
    await writeFile(file, "no database, ".repeat(1_000));

    await assertSaysWayOut(t, folder, file);
  });

  it("that lost pages is refused, and the server works", async (t) => {
    const folder = await createTempFolder(t);
    const file = join(folder, "data", QUEUE_FILE);
    const before = await server(t, folder);
    for (let at = 0; at < 20; at += 1) await callQueue(before.url, "submit", large(20_000));
    await stopped(before);
    await overwrite(file);

    await assertSaysWayOut(t, folder, file);
  });
});

/** Everything behind the first page, where SQLite's own signature is. */
async function overwrite(file: string): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, "r+");
  try {
    await handle.write(new Uint8Array(size - 4096).fill(0x5a), 0, size - 4096, 4096);
  } finally {
    await handle.close();
  }
}
