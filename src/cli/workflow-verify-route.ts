/** `mcpp workflow verify`: the command, without its code. @module */

import { buildCommand, type Command } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { type RunFlags, runFlags } from "./workflow-flags.ts";

/** Flags of `mcpp workflow verify`. */
export interface VerifyFlags extends RunFlags {
  readonly file?: string;
}

/** `mcpp workflow verify`. */
export const verify: Command<CliContext> = buildCommand<
  VerifyFlags,
  [workflow?: string],
  CliContext
>({
  loader: async () => (await import("./commands/workflow-verify.ts")).verifyRun,
  parameters: {
    flags: {
      ...runFlags,
      file: {
        kind: "parsed",
        parse: String,
        brief: "Verify this CAR file, and ask nobody",
        placeholder: "path",
        optional: true,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          ...{ brief: "Id of a workflow; left out with --file", parse: String },
          ...{ placeholder: "workflow", optional: true },
        },
      ],
    },
  },
  docs: {
    brief: "Verify by hashes what happened in a workflow, and in which order",
    fullDescription:
      "Verify by hashes alone what happened in a workflow, and in which order, across all owners that worked for it.\nThe server is asked for the blocks; what they prove is worked out here. mcpp workflow dag --format car --out keeps them as a file.\nThe exit code is 5 where something is wrong, and 4 where not all is proven because something is missing.",
  },
});
