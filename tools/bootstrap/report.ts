/** What a bootstrap list turned out to hold. @module */

import * as v from "valibot";
import { type BootstrapReport, whole } from "../../src/tool.ts";

/** Checks and describes a {@link BootstrapReport}. */
export const reportSchema: v.GenericSchema<BootstrapReport> = v.object({
  source: v.picklist(["file", "env", "public", "config"]),
  from: v.pipe(v.string(), v.description("The file, variable or setting that was read")),
  addresses: v.array(
    v.object({
      address: v.string(),
      isValid: v.boolean(),
      reason: v.exactOptional(
        v.pipe(v.string(), v.description("Why it is not valid, or was not dialled or reached")),
      ),
      isConnected: v.boolean(),
    }),
  ),
});

/** How many addresses of a list are dialled at the most. */
export const limitSchema: v.GenericSchema<number> = whole(
  1,
  1000,
  "How many addresses at the most",
);
