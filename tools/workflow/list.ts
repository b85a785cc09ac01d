import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer } from "./answer.ts";
import { stateSchema, workflowSchema } from "./run-schemas.ts";
import { placeEntries, whole, words } from "./schemas.ts";

const NAME = "p2p_workflow_list";

/** List runs. */
export const workflowList: Tool = defineTool({
  name: NAME,
  title: "List workflows",
  description: "List runs of workflows, newest first, by state or label",
  details: "Without the ability admin only those that the caller submitted.",
  input: v.object({
    ...placeEntries,
    state: v.pipe(v.optional(stateSchema), v.description("Only in this state")),
    label: v.optional(words(321, "Only with this label: name, or name=value")),
    limit: v.optional(whole(1, 200, "How many at the most"), 50),
    cursor: v.optional(words(256, "nextCursor of the page before")),
  }),
  output: v.object({
    workflows: v.array(workflowSchema),
    nextCursor: v.exactOptional(v.string()),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: { state: "running", label: "team=ops", limit: 20 },
  run: (input, context) =>
    answer(NAME, input, context, async (workflows, scope, query) => {
      const { workflows: page, ...rest } = await workflows.list(scope, query);
      return { workflows: [...page], ...rest };
    }),
});
