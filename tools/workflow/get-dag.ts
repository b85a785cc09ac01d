import * as v from "valibot";
import { defineTool, type Tool, type WorkflowDag } from "../../src/tool.ts";
import { answer, ELSE_HERE } from "./answer.ts";
import { criticalPathSchema, nodeSchema, workflowSchema } from "./run-schemas.ts";
import { placeEntries, WAIT_TIMEOUT_MS, workflowIdSchema } from "./schemas.ts";

const NAME = "p2p_workflow_get_dag";
const FORMATS = ["json", "mermaid", "dot", "svg", "car"] as const;

const graphSchema = v.object({
  workflow: workflowSchema,
  nodes: v.pipe(v.array(nodeSchema), v.description("Each after those that come before it")),
  edges: v.pipe(
    v.array(v.tuple([v.string(), v.string()])),
    v.description("From a node to one that comes after it"),
  ),
  criticalPath: criticalPathSchema,
});

function graphOf({ workflow, nodes, criticalPath }: WorkflowDag): v.InferInput<typeof graphSchema> {
  const edges = nodes.flatMap(({ id, after }) =>
    after.map((before): [from: string, to: string] => [before, id]),
  );
  return { workflow, nodes: [...nodes], edges, criticalPath };
}

/** Get the graph of a run. */
export const workflowGetDag: Tool = defineTool({
  name: NAME,
  title: "Get a workflow's graph",
  description: "Get the graph of a run with states, times and critical path, as data or drawn",
  details:
    "json gives dag; mermaid, dot (Graphviz) and svg give text. car gives, as base64 in text, a CAR " +
    "file of the log's blocks, by which anybody can verify the order of what happened: those of this " +
    "server and of the peers that worked calls. mcpp workflow verify --file does so.",
  input: v.object({
    ...placeEntries,
    workflowId: workflowIdSchema,
    format: v.optional(v.picklist(FORMATS), "json"),
  }),
  output: v.object({
    format: v.picklist(FORMATS),
    dag: v.exactOptional(graphSchema),
    text: v.exactOptional(v.string()),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  // Peers that do not answer are waited for.
  routing: { runtime: "local", timeoutMs: WAIT_TIMEOUT_MS },
  example: { workflowId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", format: "mermaid" },
  run: (input, context) =>
    answer(
      NAME,
      input,
      context,
      async (workflows, scope, { workflowId, format }) => {
        if (format === "car") {
          return { format, text: await workflows.proof(scope, workflowId, context.signal) };
        }
        if (format !== "json") {
          return { format, text: await workflows.draw(scope, workflowId, format) };
        }
        return { format, dag: graphOf(await workflows.dag(scope, workflowId)) };
      },
      ELSE_HERE,
    ),
});
