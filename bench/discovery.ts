/**
 * Finding tools: what a look costs with few and with many tools, and how often search finds the
 * right one.
 *
 * @module
 */

import { join } from "node:path";
import { localCaller } from "../src/registry/caller.ts";
import { createRegistry } from "../src/registry/registry.ts";
import { createSearch } from "../src/registry/search.ts";
import { type GoldenQuery, goldenQueries, heldOutQueries } from "./golden/catalog.ts";
import { goldenCategories } from "./golden/categories.ts";
import { load, type Row, type RunningServer, startServer } from "./harness.ts";
import { commandOn, type HostName } from "./hosts.ts";
import type { LoadResult } from "./load-client.ts";
import { cpuMsOf, requireProcessTable } from "./process-table.ts";
import { median } from "./statistics.ts";
import { requestsTo, type WireCall } from "./wire.ts";

const SIZES: readonly number[] = [100, 1000, 5000];
const ROUNDS = 3;
const ROUND_MS = 700;

const looks: ReadonlyMap<string, readonly WireCall[]> = new Map<string, readonly WireCall[]>([
  ["list_categories", [{ tool: "list_categories", input: {}, expect: '"name":"filesystem"' }]],
  [
    "list_tools with a query",
    goldenQueries.slice(0, 16).map(({ query }) => ({
      tool: "list_tools",
      input: { query, limit: 10 },
      expect: '"structuredContent":{"tools":[',
    })),
  ],
  [
    "get_schema",
    [
      {
        tool: "get_schema",
        input: { tool: "filesystem/read_text_file" },
        expect: '"inputSchema":{',
      },
    ],
  ],
]);

interface Sample extends LoadResult {
  readonly cpuMs: number;
}

async function sample({ port, pid }: RunningServer, calls: readonly WireCall[]): Promise<Sample> {
  const requests = await requestsTo(port, "modern", calls);
  const before = cpuMsOf(pid);
  const job = { port, connections: 1, durationMs: ROUND_MS, maxRequests: 50_000, requests };
  const seen = await load(job);
  return { ...seen, cpuMs: cpuMsOf(pid) - before };
}

async function* costs(host: HostName): AsyncGenerator<Row> {
  const servers = new Map<number, RunningServer>();
  const file = join(import.meta.dirname, "servers", "mcplusplus.ts");
  try {
    for (const size of SIZES) {
      servers.set(size, await startServer(commandOn(host, file, String(size), "golden")));
    }
    for (const [subject, calls] of looks) {
      const samples = new Map<number, Sample[]>(SIZES.map((size) => [size, []]));
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const [size, server] of servers) {
          const seen = await sample(server, calls);
          if (round > 0) samples.get(size)?.push(seen);
        }
      }
      yield* rowsOf(host, subject, samples);
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

function* rowsOf(
  host: HostName,
  look: string,
  samples: ReadonlyMap<number, readonly Sample[]>,
): Iterable<Row> {
  const cpuOf = (seen: readonly Sample[]): number =>
    median(seen.map(({ cpuMs, requests }) => (cpuMs * 1000) / requests));
  const [fewest = 0] = SIZES;
  const least = cpuOf(samples.get(fewest) ?? []);
  for (const [size, seen] of samples) {
    const row = { bench: "discovery", host, subject: `${look}, ${size} tools` };
    const value = cpuOf(seen);
    const peer = `${fewest} tools`;
    yield { ...row, metric: "server CPU", value, unit: "µs", peer, ratio: value / least };
    yield { ...row, metric: "p50", value: median(seen.map(({ p50Ms }) => p50Ms)), unit: "ms" };
  }
}

/** The share of queries with an acceptable tool among the first `depth` found. */
async function recall(queries: readonly GoldenQuery[], depth: number): Promise<number> {
  const registry = createRegistry();
  for (const category of goldenCategories()) registry.put(category);
  const search = createSearch(registry);
  let hits = 0;
  for (const { query, tools } of queries) {
    const found = await search(query, localCaller, depth);
    if (found.some(({ category, tool }) => tools.includes(`${category}/${tool.name}`))) hits += 1;
  }
  return (hits / queries.length) * 100;
}

/** Measure on one host; recall is the same on all, so it is computed once. */
export async function* discovery(host: HostName): AsyncGenerator<Row> {
  requireProcessTable();
  if (host === "node") {
    const sets = { "golden queries": goldenQueries, "held-out queries": heldOutQueries };
    for (const [subject, queries] of Object.entries(sets)) {
      for (const depth of [1, 5]) {
        const value = await recall(queries, depth);
        yield { bench: "discovery", host, subject, metric: `recall@${depth}`, value, unit: "%" };
      }
    }
  }
  yield* costs(host);
}
