/** A real PostgreSQL server of a test's own: loopback, a temporary folder, fsync on. @module */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type Cleanup, createTempFolder } from "./temp-folder.ts";

const run = promisify(execFile);

/** Debian keeps the server's programs out of the PATH. */
function findBinaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a));
  const folders = [...newest.map((version) => join(root, version, "bin")), "/usr/bin"];
  return folders.find((folder) => existsSync(join(folder, "initdb")));
}

const BINARIES = findBinaries();

/** Why tests that need PostgreSQL are skipped here; false where they are not. */
export const postgresSkipped: string | false =
  BINARIES === undefined && "no PostgreSQL server found: apt-get install postgresql";

// Not every runner of tests tells why it skips.
if (postgresSkipped) console.log(`Tests of PostgreSQL are skipped: ${postgresSkipped}`);

/** Who the server knows, and by what word. */
export const USER = "mcpp";
export const PASSWORD = "correct-horse";

/** A server in the hands of a test. */
export interface PostgresServer {
  readonly port: number;
  url(database: string): string;
  /** The URL of a new, empty database. */
  createDatabase(): Promise<string>;
  /** As if the power went. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** One that starts when it is first asked for, and ends with the test. */
export function lazyPostgres(t: Cleanup): () => Promise<PostgresServer> {
  const ends: (() => Promise<void>)[] = [];
  let started: Promise<PostgresServer> | undefined;
  // What a hook registers while a test runs, Bun takes for a hook of that test.
  t.after(async () => {
    for (const end of ends) await end();
  });
  return () => {
    started ??= startPostgres({ after: (end) => void ends.unshift(end) });
    return started;
  };
}

/** Start one that ends with the test. */
export async function startPostgres(t: Cleanup): Promise<PostgresServer> {
  const folder = await createTempFolder(t);
  const data = join(folder, "data");
  const word = join(folder, "word");
  await writeFile(word, `${PASSWORD}\n`);
  await chmod(folder, 0o755);
  if (isRoot) await run("chown", ["-R", "postgres", folder]);
  const auth = ["--username", USER, "--pwfile", word, "--auth", "scram-sha-256"];
  const [file, args] = asUser("initdb", ["-D", data, ...auth, "-E", "UTF8", "--locale=C", "-N"]);
  await run(file, [...args], { cwd: folder });
  const port = await freePort();
  let server = await launch(data, port);
  t.after(() => end(server, "SIGQUIT"));
  let made = 0;
  const url = (database: string): string =>
    `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    async createDatabase() {
      made += 1;
      const { default: postgres } = await import("postgres");
      const client = postgres(url("postgres"), { max: 1 });
      await client.unsafe(`CREATE DATABASE queue_${made}`);
      await client.end();
      return url(`queue_${made}`);
    },
    kill: () => end(server, "SIGKILL"),
    async start() {
      server = await launch(data, port);
    },
  };
}

const isRoot = process.getuid?.() === 0;

/** The server refuses to run as root; and it must not outlive the tests. */
function asUser(program: string, args: readonly string[]): readonly [string, readonly string[]] {
  const user = isRoot ? ["--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  const path = join(BINARIES ?? "", program);
  return ["setpriv", [...user, "--pdeathsig", "INT", path, ...args]];
}

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  shared_buffers: "64MB",
};

/** After a kill the processes of the old server need a moment to see that they are orphans. */
const ATTEMPTS = 100;

async function launch(data: string, port: number): Promise<ChildProcess> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [file, args] = asUser("postgres", ["-D", data, "-p", String(port), ...settings]);
  let said = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const child = spawn(file, args, { cwd: data, stdio: ["ignore", "ignore", "pipe"] });
    const isReady = await new Promise<boolean>((resolve) => {
      child.stderr?.on("data", (chunk: Uint8Array) => {
        said += new TextDecoder().decode(chunk);
        if (said.includes("ready to accept connections")) resolve(true);
      });
      child.once("exit", () => resolve(false));
    });
    if (isReady) return child;
    if (!/still in use|already exists|another postmaster/i.test(said)) break;
    said = "";
  }
  throw new Error(`PostgreSQL did not start: ${said}`);
}

function end(server: ChildProcess, signal: "SIGQUIT" | "SIGKILL"): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once("exit", () => resolve());
    server.kill(signal);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
