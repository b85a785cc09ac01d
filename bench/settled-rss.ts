/** The memory of a program that measures itself. @module */

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const SETTLE_MS = 1_000;

/** Resident memory of this process in bytes, a moment after it did something. */
export async function settledRss(): Promise<number> {
  await sleep(SETTLE_MS);
  return process.memoryUsage().rss;
}
