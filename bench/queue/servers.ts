/** Database servers of a benchmark's own: loopback, temporary folders, every commit on disk. @module */

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresSkipped, startPostgres } from "../../tests/support/postgres.ts";
import { freePort, startServer } from "../harness.ts";

/** A server that runs; `place` gives the address of an empty database in it. */
export interface Database {
  place(): Promise<string>;
  stop(): Promise<void>;
}

/** PostgreSQL with fsync and synchronous_commit; a reason where there is none. */
export async function startPostgresServer(): Promise<Database | string> {
  if (postgresSkipped) return postgresSkipped;
  const ends: (() => Promise<void>)[] = [];
  const server = await startPostgres({ after: (end) => void ends.unshift(end) });
  return {
    place: () => server.createDatabase(),
    async stop() {
      for (const end of ends) await end();
    },
  };
}

/** Redis that fsyncs its append-only file before it answers; a reason where there is none. */
export async function startRedisServer(): Promise<Database | string> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    return "no Redis server found: apt-get install redis-server";
  }
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  const port = await freePort();
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const where = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  const server = await startServer(["redis-server", ...where, ...durable], { port });
  let databases = 0;
  return {
    async place() {
      databases += 1;
      return `redis://127.0.0.1:${port}/${databases % 16}`;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
