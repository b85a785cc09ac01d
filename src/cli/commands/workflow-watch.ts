/** `mcpp workflow watch`: a run drawn again and again on a terminal, a line per change elsewhere. @module */

import type { WorkflowDag, WorkflowNodeInfo } from "../../registry/workflows.ts";
import { drawLines } from "../../workflow/draw/lines.ts";
import { createBlock } from "../block.ts";
import type { CliContext } from "../context.ts";
import { oneLine } from "../output.ts";
import { EXIT } from "../report.ts";
import { type ServerAccess, withServer } from "../server-access.ts";
import { readDag } from "../workflow-answers.ts";
import type { RunFlags } from "../workflow-flags.ts";
import { formatNodeChange, isRunOver, nextSteps, runState } from "../workflow-lines.ts";
import { placeOf } from "./tasks.ts";

/** Four pictures a second look alive, and cost a server little. */
const EVERY_MS = 250;

/** What is higher than a terminal cannot be written over: it scrolls away. */
const MAX_LIVE_LINES = 40;

/** `mcpp workflow watch <workflow>`: ends with the run. */
export function watchRun(this: CliContext, flags: RunFlags, workflowId: string): Promise<void> {
  return withServer(this, flags, (server) => followRun(this, server, flags, workflowId));
}

/** Show a run until it is over; the exit code says how it ended. */
export async function followRun(
  context: CliContext,
  server: ServerAccess,
  flags: RunFlags,
  workflowId: string,
): Promise<void> {
  const show = createView(context, flags.json);
  const run = { ...placeOf(flags), workflowId };
  try {
    for (;;) {
      const answer = await server.call("p2p_workflow_get_dag", { ...run, format: "json" });
      const dag = readDag(answer);
      await show(dag);
      if (isRunOver(dag.workflow)) {
        if (dag.workflow.state !== "done") context.process.exitCode = EXIT.tool;
        return;
      }
      // Answered when it is over, or after that time.
      await server.call("p2p_workflow_status", { ...run, waitMs: EVERY_MS });
    }
  } catch (error) {
    // Ctrl-C is how a watch ends.
    if (!context.host.stopRequested.aborted) throw error;
  }
}

type Show = (dag: WorkflowDag) => Promise<void>;

function createView({ output }: CliContext, wantsJson: boolean): Show {
  return output.isInteractive && !wantsJson ? createDrawing(output) : createLog(output, wantsJson);
}

function createDrawing(output: CliContext["output"]): Show {
  const { style, columns } = output;
  const block = createBlock(output);
  return async (dag) => {
    const drawn = drawLines(dag, { style, columns });
    if (isRunOver(dag.workflow)) {
      await block.settle(drawn);
      return output.talk(runState(dag.workflow));
    }
    const steps = nextSteps(dag).map(style.dim);
    const more = drawn.length - MAX_LIVE_LINES;
    const rest = more > 0 ? [style.dim(`… and ${more} more lines, drawn when it is over`)] : [];
    await block.redraw([...drawn.slice(0, MAX_LIVE_LINES), ...rest, ...steps]);
  };
}

/** What a reader would call a change; time alone is none. */
const changeOf = ({ state, attempts, progress, worker, error, waitsFor }: WorkflowNodeInfo) =>
  JSON.stringify([state, attempts, progress, worker, error?.message, waitsFor]);

function createLog(output: CliContext["output"], wantsJson: boolean): Show {
  const told = new Map<string, string>();
  let toldState: string | undefined;
  return async (dag) => {
    const { workflow, nodes } = dag;
    const news = nodes.filter((node) => {
      const change = changeOf(node);
      if (told.get(node.id) === change) return false;
      // Whoever reads what happens needs no list of what has not happened yet.
      const isNews = told.has(node.id) || node.state !== "pending";
      told.set(node.id, change);
      return isNews;
    });
    for (const node of news) {
      await (wantsJson ? output.json(node) : output.result(formatNodeChange(node)));
    }
    const isNewState = toldState !== undefined && toldState !== workflow.state;
    toldState = workflow.state;
    if (!isNewState && !isRunOver(workflow)) return;
    if (wantsJson) return output.json(workflow);
    await output.result(`${oneLine(workflow.workflowId)}  ${runState(workflow)}`);
  };
}
