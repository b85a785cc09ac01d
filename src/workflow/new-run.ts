/** The task of a run that is wanted. @module */

import type { TaskDefaults } from "../queue/requests.ts";
import { NEVER } from "../queue/task.ts";
import type { NewTask } from "../queue/working-set.ts";
import { type Caller, storeCaller } from "../registry/caller.ts";
import { RUN_KIND, type RunState } from "./run-state.ts";

/** What is to be run. */
export interface NewRun {
  /** CID of the workflow. */
  readonly definition: string;
  readonly input: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
  readonly reuse?: RunState["reuse"];
  /** Id of this server. */
  readonly coordinator: string;
  /** Ids of all servers that take part, this one included. */
  readonly members?: readonly string[];
}

/** Priority of a run that names none. */
const PRIORITY = 5;

/** Its task, for the caller on whose behalf it is run. */
export function newRunTask(
  { definition, input, labels, idempotencyKey, coordinator, members }: Omit<NewRun, "reuse">,
  about: {
    readonly id: string;
    readonly queue: string;
    readonly caller: Caller;
    readonly now: number;
    readonly defaults: TaskDefaults;
  },
): NewTask {
  const { id, queue, caller, now, defaults } = about;
  return {
    spec: {
      ...{ id, queue, kind: RUN_KIND, ...defaults, requires: [] },
      input: { input, definition, coordinator, ...(members && { members }) },
      ...{ caller: storeCaller(caller), submittedAt: now, generation: 0 },
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    },
    ...{ priority: PRIORITY, runAt: NEVER, labels },
  };
}
