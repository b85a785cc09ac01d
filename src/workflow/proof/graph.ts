/** The graphs that a proof is of: the workflow of the run, and those of the runs within it. @module */

import { CID } from "multiformats/cid";
import * as v from "valibot";
import { MeshError } from "../../errors.ts";
import { type Plan, planOf } from "../plan.ts";
import type { ProofRoot } from "../record/proof-root.ts";
import { RUN_KIND } from "../run-state.ts";
import { parseWorkflow } from "../written.ts";
import type { Blocks } from "./blocks.ts";
import type { Life } from "./lives.ts";

/** A run and its graph. */
export interface ProvenGraph {
  readonly run: string;
  readonly plan: Plan;
}

/** The run's own graph first; what is wrong with one becomes a fault of the blocks. */
export function graphsOf(
  blocks: Blocks,
  { workflowId, definition }: ProofRoot,
  lives: ReadonlyMap<string, Life>,
): readonly ProvenGraph[] {
  const plan = readPlan(blocks, definition, workflowId);
  const graphs = plan ? [{ run: workflowId, plan }] : [];
  // Grows while it is walked: a run within may have others within.
  for (const { run, plan: around } of graphs) {
    for (const [id, { node }] of around.nodes) {
      const within = `${run}.${id}`;
      const isRun = lives.get(within)?.begin.event.kind === RUN_KIND;
      if (node.work.kind !== "sub" || !isRun) continue;
      const { workflow } = node.work;
      const inner =
        typeof workflow === "string" ? readPlan(blocks, cidIn(workflow), within) : planOf(workflow);
      if (inner) graphs.push({ run: within, plan: inner });
    }
  }
  return graphs;
}

function cidIn(text: string): CID | undefined {
  try {
    return CID.parse(text);
  } catch {
    return undefined;
  }
}

function readPlan(blocks: Blocks, cid: CID | undefined, run: string): Plan | undefined {
  const written = cid && blocks.get(cid, v.unknown(), `the workflow of ${run}`);
  if (!cid) blocks.faults.push(`the workflow of ${run} is named by something that is no CID`);
  if (written === undefined) return undefined;
  try {
    return planOf(parseWorkflow(written));
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    blocks.faults.push(`the workflow of ${run} is none (${error.message}): ${cid}`);
    return undefined;
  }
}
