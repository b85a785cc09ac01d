/** The heap without its garbage. @module */

import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A function that collects garbage now, where the host has one. */
function collector(): (() => void) | undefined {
  if (typeof Bun !== "undefined") return () => Bun.gc(true);
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  } catch {
    return undefined;
  }
}

const collect: (() => void) | undefined = collector();

/** Bytes that are in use after a collection; `undefined` where tests cannot ask for one. */
export function settledHeapBytes(): number | undefined {
  if (!collect) return undefined;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
