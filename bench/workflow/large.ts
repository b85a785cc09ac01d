/** One run of 10,000 nodes. @module */

import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { timed } from "../queue/clients.ts";
import { openBenchFlows } from "./open.ts";
import { joined, meshed, ordinary } from "./shapes.ts";

/** What the program is to do. */
export interface LargeJob {
  readonly place: string;
  readonly shape: "meshed" | "joined";
}

/** What it saw. */
export interface LargeResult {
  readonly nodes: number;
  readonly submitMs: number;
  readonly workMs: number;
  readonly cpuUs: number;
  /** Memory in RAM before it was submitted. */
  readonly idleBytes: number;
  readonly peakBytes: number;
  /** The most that was seen in the second, and in the last quarter of the nodes. */
  readonly earlyBytes: number;
  readonly lateBytes: number;
}

const WARM_RUNS = 100;
const SETTLE_MS = 1_000;

async function run({ place, shape }: LargeJob): Promise<LargeResult> {
  const flows = await openBenchFlows(place);
  const written = shape === "meshed" ? meshed() : joined();
  const nodes = written.nodes.length;
  for (let n = 0; n < WARM_RUNS; n += 1) await flows.submitRun(ordinary());
  await flows.work(WARM_RUNS * ordinary().nodes.length, WARM_RUNS);
  await sleep(SETTLE_MS);
  const idleBytes = process.memoryUsage().rss;
  const before = process.cpuUsage();
  const submitMs = await timed(() => flows.submitRun(written));
  const peaks: [number, number, number, number] = [process.memoryUsage().rss, 0, 0, 0];
  const workMs = await timed(() =>
    flows.work(nodes, 1, (done) => {
      if (done % 100 > 0) return;
      const quarter = Math.min(3, Math.floor((4 * done) / nodes));
      peaks[quarter] = Math.max(peaks[quarter] ?? 0, process.memoryUsage().rss);
    }),
  );
  const { user, system } = process.cpuUsage(before);
  await flows.close();
  const [, earlyBytes, , lateBytes] = peaks;
  const sizes = { idleBytes, peakBytes: Math.max(...peaks), earlyBytes, lateBytes };
  return { nodes, submitMs, workMs, cpuUs: (user + system) / nodes, ...sizes };
}

const result = await run(JSON.parse(await text(process.stdin)) as LargeJob);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
