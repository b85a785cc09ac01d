/** `mcpp workflow`: look at the workflows of a running server. @module */

import { absolutePath, homeOf } from "../../config/paths.ts";
import { fromBase64 } from "../../ipld/base64.ts";
import type { WorkflowDag, WorkflowInfo, WorkflowNodeInfo } from "../../registry/workflows.ts";
import type { CliContext } from "../context.ts";
import { oneLine, printable } from "../output.ts";
import { withServer } from "../server-access.ts";
import { formatTable } from "../table.ts";
import { formatLabels } from "../task-lines.ts";
import { readDag, readDrawing, readRunPage } from "../workflow-answers.ts";
import type { DagFlags, ListRunsFlags, RunFlags } from "../workflow-flags.ts";
import { nextSteps, nodeState, nodeTime, runState, workOf } from "../workflow-lines.ts";
import { placeOf, printTable, readNumber } from "./tasks.ts";

/** `mcpp workflow list`, and `mcpp workflow` alone. */
export function listRuns(this: CliContext, flags: ListRunsFlags): Promise<void> {
  const { output } = this;
  const { state, label, limit, cursor } = flags;
  const given = Object.entries({ state, label, cursor }).filter(([, value]) => value !== undefined);
  const query = {
    ...placeOf(flags),
    ...Object.fromEntries(given),
    ...(limit !== undefined && { limit: readNumber("limit", limit) }),
  };
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_workflow_list", query);
    if (flags.json) return output.json(answer);
    const { workflows, nextCursor } = readRunPage(answer);
    const head = ["WORKFLOW", "NAME", "STATE", "NODES", "SUBMITTED", "LABELS"];
    if (workflows.length > 0) await printTable(output, [head, ...workflows.map(runRow)], 2);
    else await output.talk("no such workflow");
    if (nextCursor === undefined) return;
    await output.talk(`there are more: --limit, or --cursor ${oneLine(nextCursor)}`);
  });
}

/** Nodes that nothing more happens to, of all. */
function share({ counts, nodes }: WorkflowInfo): string {
  const { done = 0, failed = 0, skipped = 0, cancelled = 0 } = counts;
  return `${done + failed + skipped + cancelled}/${nodes}`;
}

const runRow = (run: WorkflowInfo): readonly string[] => [
  oneLine(run.workflowId),
  oneLine(run.name),
  runState(run),
  share(run),
  oneLine(run.submittedAt),
  formatLabels(run.labels) || "–",
];

/** `mcpp workflow status <workflow>`. */
export function showRun(this: CliContext, flags: RunFlags, workflowId: string): Promise<void> {
  const { output } = this;
  const { style, columns } = output;
  const input = { ...placeOf(flags), workflowId, format: "json" };
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_workflow_get_dag", input);
    if (flags.json) return output.json(answer);
    const dag = readDag(answer);
    const facts = factsOf(dag).filter(([, value]) => value !== "");
    const paint = (cell: string, column: number): string => (column > 0 ? cell : style.bold(cell));
    await output.result(`${formatTable(facts, { columns, paint }).join("\n")}\n`);
    const head = ["NODE", "WHAT", "STATE", "ATTEMPTS", "TIME", "WORKER"];
    await printTable(output, [head, ...dag.nodes.map(nodeRow)], 2);
    for (const step of nextSteps(dag)) await output.talk(step);
  });
}

function factsOf({ workflow, criticalPath }: WorkflowDag): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["workflow", workflow.workflowId],
    ["name", workflow.name],
    ["state", runState(workflow)],
    ["nodes over", share(workflow)],
    ["queue", workflow.queue],
    ["submitted", workflow.submittedAt],
    ["by", workflow.submittedBy],
    ["labels", formatLabels(workflow.labels)],
    ["goes on from", workflow.previousWorkflowId],
    ["longest way", criticalPath.join(" → ")],
  ];
  return facts.map(([name, value]) => [name, oneLine(value ?? "")]);
}

const nodeRow = (node: WorkflowNodeInfo): readonly string[] => [
  oneLine(node.id),
  workOf(node),
  nodeState(node),
  `${node.attempts}`,
  nodeTime(node),
  oneLine(node.worker ?? "–"),
];

/** `mcpp workflow dag <workflow>`. */
export function printDag(this: CliContext, flags: DagFlags, workflowId: string): Promise<void> {
  const { host, output } = this;
  const { format, out, json } = flags;
  const input = { ...placeOf(flags), workflowId, format };
  return withServer(this, flags, async (server) => {
    const answer = await server.call("p2p_workflow_get_dag", input);
    const text =
      format === "json" ? JSON.stringify(readDag(answer), null, 2) : readDrawing(answer).trimEnd();
    if (out !== undefined) {
      const path = absolutePath(out, host.workingFolder, homeOf(host.environment()));
      const content = format === "car" ? fromBase64(text) : `${text}\n`;
      await new Blob([content]).stream().pipeTo(await host.files.write(path));
      await output.talk(`wrote ${path}`);
    }
    if (json) return output.json(answer);
    if (out === undefined) await output.result(output.isInteractive ? printable(text) : text);
  });
}
