/**
 * The durable queue beside what SQLite, PostgreSQL and Redis can do, and beside the queues that people
 * use on them; each task is submitted, leased and completed, and each step is on disk before the next.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Row, runClient } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import { installPeers, peersFolder } from "./peers.ts";
import type { BacklogJob, BacklogResult } from "./queue/backlog.ts";
import type { ClientsJob, ClientsResult } from "./queue/clients.ts";
import { type Database, startPostgresServer, startRedisServer } from "./queue/servers.ts";
import { median } from "./statistics.ts";

const CLIENTS = [1, 8, 32] as const;
const ROUNDS = 3;
const WARM_MS = 500;
const MS = 1_500;
const BACKLOGS = [10_000, 1_000_000] as const;

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly clients: readonly number[];
  place(): Promise<string>;
}

const SQLITE = "sqlite";
const COMMIT = "one commit of SQLite";
const EACH = "SQLite, a commit each";
const POSTGRES = "postgres";

const program = (host: HostName, file: string, ...args: string[]): readonly string[] =>
  commandOn(host, join(import.meta.dirname, "queue", file), ...args);

/** Peers run where they are at home. */
const peerProgram = (file: string): readonly string[] =>
  commandOn("node", join(peersFolder, "queues", file));

function subjectsOf(
  host: HostName,
  files: () => Promise<string>,
  postgres: Database | string,
  redis: Database | string,
): readonly Subject[] {
  const on = (
    database: Database | string,
    ...subjects: readonly (readonly [string, readonly string[]])[]
  ): Subject[] =>
    subjects.flatMap(([name, command]) => {
      if (typeof database !== "string") {
        return [{ name, command, clients: CLIENTS, place: () => database.place() }];
      }
      console.error(`Left out: ${name}: ${database}`);
      return [];
    });
  const ours = program(host, "ours.ts");
  return [
    { name: SQLITE, command: ours, clients: CLIENTS, place: files },
    { name: COMMIT, command: program(host, "limits.ts", "commit"), clients: [1], place: files },
    { name: EACH, command: program(host, "limits.ts", "each"), clients: CLIENTS, place: files },
    ...on(
      postgres,
      [POSTGRES, ours],
      ["pg-boss", peerProgram("pg-boss.ts")],
      ["graphile-worker", peerProgram("graphile-worker.ts")],
    ),
    ...on(redis, ["BullMQ", peerProgram("bullmq.ts")]),
  ];
}

/** All subjects in turns; what each saw in each round. */
async function sample(
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, readonly ClientsResult[]>> {
  const seen = new Map<string, ClientsResult[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, command, clients, place } of subjects) {
      const job: ClientsJob = { place: await place(), clients, warmMs: WARM_MS, ms: MS };
      const results = (await runClient(command, job)) as readonly ClientsResult[];
      seen.get(name)?.push(...results);
    }
  }
  return seen;
}

type Figure = "tasksPerSecond" | "submitP50Ms" | "submitP99Ms" | "cpuUs";

function* clientRows(
  host: HostName,
  seen: ReadonlyMap<string, readonly ClientsResult[]>,
): Iterable<Row> {
  const figure = (subject: string, clients: number, name: Figure): number => {
    const all = (seen.get(subject) ?? []).filter((result) => result.clients === clients);
    return median(all.map((result) => result[name]));
  };
  for (const [subject, results] of seen) {
    for (const clients of new Set(results.map((result) => result.clients))) {
      const row = { bench: "queue", host, subject: `${subject}, ${clients}` };
      const rate = figure(subject, clients, "tasksPerSecond");
      const p50 = figure(subject, clients, "submitP50Ms");
      const rated = { ...row, metric: "tasks a second", value: rate, unit: "" };
      const waited = { ...row, metric: "submit p50", value: p50, unit: "ms" };
      const beside = (peer: string): Pick<Row, "peer" | "ratio"> => ({
        peer,
        ratio: rate / figure(peer, clients, "tasksPerSecond"),
      });
      const peers = (PEERS.get(subject) ?? []).filter((peer) => seen.has(peer));
      yield rated;
      for (const peer of peers) yield { ...rated, ...beside(peer) };
      if (subject === SQLITE && clients === 1) {
        yield { ...waited, peer: COMMIT, ratio: p50 / figure(COMMIT, 1, "submitP50Ms") };
      } else yield waited;
      yield {
        ...row,
        metric: "submit p99",
        value: figure(subject, clients, "submitP99Ms"),
        unit: "ms",
      };
      if (subject !== SQLITE) continue;
      yield { ...row, metric: "CPU a task", value: figure(subject, clients, "cpuUs"), unit: "µs" };
    }
  }
}

/** With whom a queue is compared. */
const PEERS: ReadonlyMap<string, readonly string[]> = new Map([
  [SQLITE, [EACH]],
  [POSTGRES, ["pg-boss", "graphile-worker"]],
]);

async function* backlogRows(host: HostName, files: () => Promise<string>): AsyncGenerator<Row> {
  let least: BacklogResult | undefined;
  for (const tasks of BACKLOGS) {
    const job: BacklogJob = { place: await files(), tasks };
    const seen = (await runClient(program(host, "backlog.ts"), job)) as BacklogResult;
    least ??= seen;
    const row = { bench: "queue", host, subject: `${SQLITE}, ${tasks} ready`, unit: "ms" };
    const peer = `${BACKLOGS[0]} ready`;
    const ratio = seen.claimP50Ms / least.claimP50Ms;
    yield { ...row, metric: "claim p50", value: seen.claimP50Ms, peer, ratio };
    yield { ...row, metric: "claim p99", value: seen.claimP99Ms };
    const many = {
      bench: "queue",
      host,
      subject: `${SQLITE}, ${tasks} ready, 256 at once`,
      unit: "",
    };
    const submitted = (tasks * 1000) / seen.fillMs;
    yield { ...many, metric: "submitted a second", value: submitted };
    yield { ...many, metric: "leased a second", value: seen.batch.leased };
    yield { ...many, metric: "completed a second", value: seen.batch.completed };
  }
}

/** Measure on one host. */
export async function* queue(host: HostName): AsyncGenerator<Row> {
  installPeers(peersFolder);
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  const [postgres, redis] = [await startPostgresServer(), await startRedisServer()];
  let made = 0;
  const files = async (): Promise<string> => {
    made += 1;
    return join(folder, `${made}.db`);
  };
  try {
    yield* clientRows(host, await sample(subjectsOf(host, files, postgres, redis)));
    yield* backlogRows(host, files);
  } finally {
    for (const server of [postgres, redis]) if (typeof server !== "string") await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
