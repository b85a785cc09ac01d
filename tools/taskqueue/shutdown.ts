import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, whole } from "./schemas.ts";
import { number } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_shutdown";
const MAX_GRACE_MS = 600_000;

/** Stop working tasks. */
export const taskqueueShutdown: Tool = defineTool({
  name: NAME,
  title: "Stop the workers",
  description: "Stop giving out tasks; what runs is finished, or given back after a while",
  details:
    "Tasks are still taken in, kept and shown; the server stays up, and works again from its next " +
    "start on. Without drain, what runs is given back at once.",
  input: v.object({
    ...placeEntries,
    drain: v.optional(v.pipe(v.boolean(), v.description("Let finish what runs")), true),
    graceMs: v.optional(whole(0, MAX_GRACE_MS, "Time for that, in ms"), 30_000),
  }),
  output: v.object({
    finished: number("Tasks that ended in that time"),
    released: number("Tasks that were given back unfinished"),
    state: v.string(),
  }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  // Longer than the longest grace.
  routing: { runtime: "local", ability: "admin", timeoutMs: MAX_GRACE_MS + 15_000 },
  example: { graceMs: 10_000 },
  run: (input, context) =>
    answer(NAME, input, context, (tasks, scope, options) =>
      tasks.shutdown(scope, options, context.signal),
    ),
});
