/** A run on three hosts and in the page, followed to its end, checked, and drawn. @module */

import { readDag, readDrawing } from "../../src/cli/workflow-answers.ts";
import { isRunOver } from "../../src/cli/workflow-lines.ts";
import type { WorkflowDag, WorkflowNodeInfo } from "../../src/registry/workflows.ts";
import { drawLines } from "../../src/workflow/draw/lines.ts";
import { ask, type Connected, untilKnown } from "./client.ts";
import { chartOf, createAlbum } from "./picture.ts";
import { columns, drawing, line, style } from "./transcript.ts";
import type { DemoWorker, Place } from "./workers.ts";
import { checkReport, type Report, workflowOn } from "./workflow.ts";

/** As often as a person would look. */
const EVERY_MS = 50;

/** What takes longer is stuck: a step waits for a worker that does not come. */
const RUN_MS = 60_000;

/** Run the workflow in the queue of a server by these workers, and show what came of it. */
export async function runWorkflow(owner: Connected, workers: readonly DemoWorker[]): Promise<void> {
  const { workflow, places } = workflowOn(workers.map(({ place }) => place));
  // The page's tool only just came to be.
  const [submitted, ms] = await untilKnown(owner, "p2p_workflow_submit", { workflow });
  const workflowId = String(submitted.structuredContent?.workflowId);
  line(`submitted to ${owner.server.host}`, ms, workflowId);
  const dag = await follow(owner, workflowId);
  drawing(drawLines(dag, { style, columns }));
  await checkPlaces(owner, dag, places, workers);
  const report = await resultOf(owner, workflowId);
  await checkReport(report);
  const { cities, people } = report.sums;
  line("its result is right", undefined, `${cities} cities, ${people.toLocaleString("en")} people`);
  await keepPictures(owner, workflowId, report);
}

/** Tell of each step when it is over. */
async function follow(owner: Connected, workflowId: string): Promise<WorkflowDag> {
  const until = performance.now() + RUN_MS;
  const told = new Set<string>();
  for (;;) {
    const dag = readDag(await ask(owner, "p2p_workflow_get_dag", { workflowId }));
    const news = dag.nodes.filter(({ id, finishedAt = "" }) => finishedAt !== "" && !told.has(id));
    for (const node of news.toSorted((a, b) => ended(a) - ended(b))) {
      told.add(node.id);
      tell(node);
    }
    if (isRunOver(dag.workflow)) return dag;
    if (performance.now() > until) throw new Error(`the run is still ${dag.workflow.state}`);
    // Answered when the run is over, or after that time.
    await ask(owner, "p2p_workflow_status", { workflowId, waitMs: EVERY_MS });
  }
}

const ended = ({ finishedAt = "" }: WorkflowNodeInfo): number => Date.parse(finishedAt);

function tell({ id, tool, kind, state, worker, durationMs, error }: WorkflowNodeInfo): void {
  if (state !== "done") throw new Error(`${id} is ${state}: ${error?.message ?? "no error"}`);
  // `peer:12D3KooW…/bun`: the id, as the connection proved it, and the name that the worker has.
  const [peer, name] = worker?.split("/") ?? [];
  const by = worker === undefined ? "by the queue's owner" : `by ${name} at ${peer}`;
  line(`${id}: ${tool ?? kind}`, durationMs, by);
}

/** A worker, as the owner of a queue knows it. */
interface KnownWorker {
  readonly worker: string;
  readonly host?: string;
}

/** How workers call the host that they run on. */
const hostAt = (place: Place): string => (place === "page" ? "web" : place);

/** Throws where a step was not worked where it belongs. */
async function checkPlaces(
  owner: Connected,
  { nodes }: WorkflowDag,
  places: ReadonlyMap<string, Place>,
  workers: readonly DemoWorker[],
): Promise<void> {
  const { workers: known } = (await ask(owner, "p2p_taskqueue_worker_stats", {})) as {
    readonly workers: readonly KnownWorker[];
  };
  for (const [id, place] of places) {
    const worker = nodes.find((node) => node.id === id)?.worker ?? "nobody";
    const peer = workers.find((one) => one.place === place)?.peer;
    const host = known.find((one) => one.worker === worker)?.host;
    if (worker.startsWith(`peer:${peer}/`) && host === hostAt(place)) continue;
    throw new Error(`${id} is for ${place}, and was worked by ${worker} on ${host}`);
  }
  line("each step was worked where it belongs", undefined, [...places.values()].join(", "));
}

async function resultOf(owner: Connected, workflowId: string): Promise<Report> {
  const answer = await ask(owner, "p2p_workflow_get_result", { workflowId });
  return (answer as { readonly result: Report }).result;
}

/** The run as a drawing, and the chart that the page drew. */
async function keepPictures(
  owner: Connected,
  workflowId: string,
  { chart }: Report,
): Promise<void> {
  const keep = await createAlbum();
  const answer = await ask(owner, "p2p_workflow_get_dag", { workflowId, format: "svg" });
  line("its picture", undefined, await keep("workflow.svg", readDrawing(answer)));
  if (!chart) return;
  line("what the page drew", undefined, await keep("cities.png", chartOf(chart)));
}
