/**
 * Submits tasks to a peer's queue, beside calls of a tool of that peer that does nothing: the first
 * costs a commit more. A program that reads a job and prints what it saw.
 *
 * @module
 */

import process from "node:process";
import { text } from "node:stream/consumers";
import { localCaller } from "../../src/registry/caller.ts";
import type { CallResult } from "../../src/registry/result.ts";
import { startApp } from "../mesh-app.ts";
import { quantile } from "../statistics.ts";
import { timed } from "./clients.ts";

/** Whom to ask, and for how long each. */
export interface RemoteJob {
  readonly address: string;
  readonly rounds: number;
  readonly calls: number;
}

/** Medians, in ms. */
export interface RemoteResult {
  readonly callP50Ms: number;
  readonly submitP50Ms: number;
  readonly submitP99Ms: number;
}

const job = JSON.parse(await text(process.stdin)) as RemoteJob;
const app = await startApp({
  name: "submitter",
  catalog: [],
  place: { meshRole: "client" },
  hasTcp: false,
});
const category = await app.mesh.reach(job.address);
const ask = async (tool: string, input: object): Promise<void> => {
  const result: CallResult = await app.call({ tool, category, input, caller: localCaller });
  if (result.isError) throw new Error(JSON.stringify(result.content));
};
const call = (): Promise<void> => ask("add", { a: 1, b: 2 });
const submit = (): Promise<void> => ask("p2p_taskqueue_submit", { kind: "bench", input: { n: 1 } });

const [calls, submits]: [number[], number[]] = [[], []];
for (let round = 0; round <= job.rounds; round += 1) {
  for (let n = 0; n < job.calls; n += 1) {
    const [called, submitted] = [await timed(call), await timed(submit)];
    // The first round warms up.
    if (round === 0) continue;
    calls.push(called);
    submits.push(submitted);
  }
}
const result: RemoteResult = {
  callP50Ms: quantile(calls, 0.5),
  submitP50Ms: quantile(submits, 0.5),
  submitP99Ms: quantile(submits, 0.99),
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));
