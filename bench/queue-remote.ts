/** Submitting to a queue of a peer over the mesh. @module */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Row, runClient, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { ClientsJob, ClientsResult } from "./queue/clients.ts";
import type { RemoteJob, RemoteResult } from "./queue/remote-client.ts";

const JOB = { rounds: 5, calls: 200 } as const;

/** Measure on one host: both sides run on it. */
export async function* queueRemote(host: HostName): AsyncGenerator<Row> {
  const program = (...parts: readonly string[]): string => join(import.meta.dirname, ...parts);
  const folder = await mkdtemp(join(tmpdir(), "mcpp-bench-"));
  const owner = await startServer(commandOn(host, program("servers", "queue-owner.ts")));
  try {
    const job: RemoteJob = { ...JOB, address: String(owner.said.address) };
    const client = commandOn(host, program("queue", "remote-client.ts"));
    const seen = (await runClient(client, job)) as RemoteResult;
    const limit = commandOn(host, program("queue", "limits.ts"), "commit");
    const commits: ClientsJob = {
      place: join(folder, "x.db"),
      clients: [1],
      warmMs: 500,
      ms: 1500,
    };
    const [commit] = (await runClient(limit, commits)) as readonly ClientsResult[];
    const commitMs = commit?.submitP50Ms ?? Number.NaN;
    const row = { bench: "queue-remote", host, unit: "ms" };
    const least = seen.callP50Ms + commitMs;
    yield { ...row, subject: "call over the mesh", metric: "p50", value: seen.callP50Ms };
    yield { ...row, subject: "one commit of SQLite", metric: "p50", value: commitMs };
    yield {
      ...{ ...row, subject: "submit over the mesh", metric: "p50", value: seen.submitP50Ms },
      ...{ peer: "a call and a commit", ratio: seen.submitP50Ms / least },
    };
    yield { ...row, subject: "submit over the mesh", metric: "p99", value: seen.submitP99Ms };
    yield {
      ...{ ...row, subject: "submit over the mesh", metric: "beyond a call and a commit" },
      value: seen.submitP50Ms - least,
    };
  } finally {
    await owner.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
