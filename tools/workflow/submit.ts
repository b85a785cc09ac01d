import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer } from "./answer.ts";
import { stateSchema } from "./run-schemas.ts";
import { labelsSchema, placeEntries, words } from "./schemas.ts";

const NAME = "p2p_workflow_submit";

/** Enough to write a workflow from. */
const FORM = `\
workflow is {name, nodes, output?}. A node is {id, after?, join?, compensate?} and one of:
tool: "name", input?, retry?: {maxAttempts}, timeoutMs?, peer?: {requires: [ability]}
map: {over: list, node: a call as above, maxParallel?}; $item and $index in node
branch: [{when: condition, then: id or ids}, {else: id or ids}]; nodes of other ways are skipped
loop: {node: a call, until: condition, max}; $last is the result of the round before
sub: {workflow: a workflow or its CID, input?}
wait: {signal or approval: text, timeoutMs?}, ended by p2p_workflow_coordinate, or {timeoutMs}
collect: any value
id is of a-z, 0-9 and _, a letter first. A text that is a reference stands for that value: \
$input.path, $id.result.rows[0] (of a tool: its structured content), $id.results (of a map), \
$id.payload (of a wait; $id.payload.approved), $id.state, $id.error.message; $$ is a dollar. \
A node runs after those that it refers to or names in after, if join holds for them: all_success \
(default), all_done, one_success, none_failed. Conditions are CEL with references: \
$id.result.count > 3 && $input.isFinal. compensate: {tool, input} undoes a node that is done when \
the run fails or is cancelled. output is the run's result; left out, it is the results of the last \
nodes.`;

/** Submit a workflow. */
export const workflowSubmit: Tool = defineTool({
  name: NAME,
  title: "Submit a workflow",
  description: "Run a graph of tool calls that survives crashes, and branches, repeats and waits",
  details:
    `${FORM}\nThe answer comes when the run is durable. Every call is a task of the queue, with ` +
    "the rights of whoever submits, made at least once. A fault is refused with its path. Read " +
    "the result with p2p_workflow_get_result.",
  input: v.object({
    ...placeEntries,
    workflow: v.pipe(
      v.record(v.string(), v.unknown()),
      v.description(
        "{name, nodes: [{id, tool, input} or {id, map | branch | loop | sub | wait | collect}], output?}; see the tool's description",
      ),
    ),
    input: v.pipe(v.optional(v.unknown()), v.description("What $input stands for")),
    idempotencyKey: v.optional(
      words(256, "The same key again answers with the same run, as long as it is known"),
    ),
    labels: v.pipe(v.optional(labelsSchema), v.description("To find it in lists")),
    peers: v.pipe(
      v.optional(v.pipe(v.array(words(1024, "Its id, name or multiaddr")), v.maxLength(16))),
      v.description("Peers that take part; $peers in the workflow"),
    ),
  }),
  output: v.object({
    workflowId: v.string(),
    definitionCid: v.string(),
    state: stateSchema,
    duplicate: v.pipe(v.boolean(), v.description("It was there already, under this key")),
    ready: v.pipe(v.array(v.string()), v.description("Nodes that could begin at once")),
  }),
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  routing: { runtime: "local" },
  example: {
    workflow: {
      name: "describe",
      nodes: [
        { id: "look", tool: "dataset_describe", input: { source: { path: "$input.path" } } },
        { id: "keep", tool: "cache_set", input: { key: "facts", value: "$look.result" } },
      ],
    },
    input: { path: "sales.csv" },
  },
  run: (input, context) =>
    answer(NAME, input, context, async (workflows, scope, request) => {
      const { workflow, isDuplicate: duplicate, ready } = await workflows.submit(scope, request);
      const { workflowId, definitionCid, state } = workflow;
      return { workflowId, definitionCid, state, duplicate, ready: [...ready] };
    }),
});
