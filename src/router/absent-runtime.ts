/** A runtime that this server does not have: it says so, and what to do. @module */

import type { RuntimeName } from "../registry/definition.ts";
import type { Runtime } from "./runtime.ts";

/** Stands in the router for a runtime that is switched off. */
export function createAbsentRuntime(name: RuntimeName, reason: string): Runtime {
  return {
    name,
    availability: () => ({ available: false, reason }),
    run: () => Promise.reject(new RangeError(`the ${name} runtime is absent and was asked to run`)),
  };
}
