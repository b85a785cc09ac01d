/** Who has a run, and of which moment is what is told of it. @module */

import * as v from "valibot";
import type { RunCoordination } from "../../src/tool.ts";

const text = (description: string): v.GenericSchema<string> =>
  v.pipe(v.string(), v.description(description));

/** Checks and describes who has a run. */
export const coordinationSchema: v.GenericSchema<RunCoordination> = v.object({
  coordinator: text("Id of the server that has it"),
  epoch: v.pipe(v.number(), v.description("Grows with each coordinator")),
  members: v.pipe(v.array(v.string()), v.description("Ids of the servers that take part")),
  isUnconfirmed: v.exactOptional(
    v.pipe(v.boolean(), v.description("Fewer than a majority of them have what is told here")),
  ),
});

/** The moment of what is told of a run by another than its coordinator. */
export const asOfSchema: v.GenericSchema<string> = text(
  "Its coordinator cannot be asked: this is what it said last, of this moment",
);
