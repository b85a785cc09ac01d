import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, moment, placeEntries, STATES, whole, words } from "./schemas.ts";
import { taskSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_list_tasks";

/** List tasks. */
export const taskqueueListTasks: Tool = defineTool({
  name: NAME,
  title: "List tasks",
  description: "List tasks, newest first, by state, kind, label, group or time",
  details:
    "Without the ability admin only those that the caller submitted. stale says that the queue's " +
    "owner could not be asked, and that this is what was known at asOf.",
  input: v.object({
    ...placeEntries,
    state: v.optional(v.pipe(v.picklist(STATES), v.description("Only in this state"))),
    kind: v.optional(words(128, "Only of this kind")),
    label: v.optional(words(321, "Only with this label: name, or name=value")),
    groupKey: v.optional(words(256, "Only of this group")),
    since: v.optional(moment("Only submitted at or after, ISO 8601")),
    limit: v.optional(whole(1, 500, "How many at the most"), 50),
    cursor: v.optional(words(64, "nextCursor of the page before")),
  }),
  output: v.object({
    tasks: v.array(taskSchema),
    nextCursor: v.exactOptional(v.string()),
    asOf: v.string(),
    stale: v.boolean(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { state: "leased", label: "team=ops", limit: 20 },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, query) => {
      const { tasks: page, ...rest } = await tasks.list(scope, query);
      return { tasks: [...page], ...rest };
    }),
});
