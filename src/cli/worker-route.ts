/** `mcpp worker`: the command, without its code. @module */

import { buildCommand, type Command } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { type AppFlags, appFlags } from "./flags.ts";

/** Flags of `mcpp worker`. */
export interface WorkerFlags extends AppFlags {
  readonly connect: readonly string[];
  readonly queue: string;
  readonly slots: string;
  readonly tool?: readonly string[];
  readonly ability?: readonly string[];
  readonly name?: string;
  readonly grace: string;
}

/** `mcpp worker`. */
export const worker: Command<CliContext> = buildCommand<WorkerFlags, [], CliContext>({
  loader: async () => (await import("./commands/worker.ts")).worker,
  parameters: {
    flags: {
      ...appFlags,
      connect: {
        kind: "parsed",
        parse: String,
        brief:
          "Peer whose queue to work: an address, an id or a name (repeatable: the slots are for all)",
        placeholder: "peer",
        variadic: true,
      },
      queue: {
        kind: "parsed",
        parse: String,
        brief: "Queue to work",
        placeholder: "name",
        default: "default",
      },
      slots: {
        kind: "parsed",
        parse: String,
        brief: "Tasks to work at once",
        placeholder: "n",
        default: "4",
      },
      tool: {
        kind: "parsed",
        parse: String,
        brief: "Tool to work (repeatable; left out, all that this configuration has)",
        placeholder: "name",
        optional: true,
        variadic: true,
      },
      ability: {
        kind: "parsed",
        parse: String,
        brief: "What this machine can do, such as gpu (repeatable)",
        placeholder: "name",
        optional: true,
        variadic: true,
      },
      name: {
        kind: "parsed",
        parse: String,
        brief: "How the worker calls itself (left out, its peer id)",
        placeholder: "name",
        optional: true,
      },
      grace: {
        kind: "parsed",
        parse: String,
        brief: "Seconds that tasks may still take when it is asked to end",
        placeholder: "s",
        default: "30",
      },
    },
  },
  docs: {
    brief: "Work the tasks of other servers' queues until the process is asked to end",
    fullDescription:
      'Work the tasks of other servers\' queues until the process is asked to end.\nThe owner of a queue lets a worker in with a rule of mesh.allow that has the ability "worker"; what tasks ask for runs here as if you had asked.',
  },
});
