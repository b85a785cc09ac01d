/** Whose a run is, wherever it is coordinated. @module */

import { seesAll } from "../../queue/access.ts";
import type { Task } from "../../queue/task.ts";
import type { Caller } from "../../registry/caller.ts";
import type { RunInput } from "../values.ts";

/** Who submitted a run, and to whom. */
export interface Origin {
  /** The server that it was submitted to. */
  readonly peer: string;
  /** Its submitter there, as it is stored. */
  readonly caller: { readonly id: string; readonly grant: unknown };
}

/** The origin of a run that `coordinator` has; one that was never handed over is its own. */
export function originOf({ spec }: Task, coordinator: string): Origin {
  const { origin } = spec.input as RunInput;
  return origin ?? { peer: coordinator, caller: spec.caller };
}

/** Whether a caller of `self` may see a run of this origin: ids of callers mean something at one server only. */
export function seesOrigin(
  caller: Caller,
  { peer, caller: submitter }: Origin,
  self: string,
): boolean {
  if (seesAll(caller)) return true;
  return caller.id === (peer === self ? submitter.id : `peer:${peer}`);
}
