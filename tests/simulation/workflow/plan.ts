/** What a seed has in store for workflows: graphs, who submits them, and faults. @module */

import fc from "fast-check";
import { anyGraph, type Graph } from "../../support/random-workflows.ts";
import type { Chance } from "../queue/chance.ts";
import { FAULTS_MS, faultsOf, type Surroundings } from "../queue/plan.ts";

/** A run that somebody wants. */
export interface RunErrand {
  readonly client: number;
  readonly afterMs: number;
  /** By it, asking again makes no second run. */
  readonly key: string;
  readonly graph: Graph;
  /** The number that the run is given. */
  readonly n: number;
  /** When it is paused, and for how long. */
  readonly pause: { readonly afterMs: number; readonly lastsMs: number } | undefined;
}

/** A whole run of the simulation. */
export interface WorkflowPlan extends Surroundings {
  readonly clients: number;
  readonly errands: readonly RunErrand[];
}

/** The longest wait of a node: longer than a lease, and not so long that nothing else happens. */
const MAX_WAIT_MS = 1_500;

/** Workflows in a world in which everything goes wrong. */
export function stormyPlanOf(seed: number, chance: Chance): WorkflowPlan {
  const clients = chance.between(1, 2);
  const graphs = graphsOf(seed, chance.happens(0.4) ? 2 : 1);
  const workers = Array.from({ length: chance.between(2, 3) }, () => ({
    abilities: [],
    slots: chance.between(1, 3),
  }));
  const errands = graphs.map((graph, at): RunErrand => {
    const pause = { afterMs: chance.between(0, 1_500), lastsMs: chance.between(50, 1_000) };
    return {
      ...{ client: chance.between(0, clients - 1), afterMs: chance.between(0, 1_000) },
      ...{ key: `run-${at}`, graph, n: chance.between(0, 9) },
      pause: chance.happens(0.3) ? pause : undefined,
    };
  });
  return {
    ...{ clients, workers, errands },
    faults: faultsOf(chance, workers.length, clients),
    ...{ faultsMs: FAULTS_MS, maxBacklog: 1_000_000 },
    diskFailures: chance.happens(0.15) ? 0.05 : 0,
  };
}

/** One workflow in a world in which nothing else goes wrong. */
export function calmPlanOf(seed: number, chance: Chance): WorkflowPlan {
  const [graph = []] = graphsOf(seed, 1);
  const n = chance.between(0, 9);
  return {
    clients: 1,
    workers: Array.from({ length: 2 }, () => ({ abilities: [], slots: 2 })),
    errands: [{ client: 0, afterMs: 0, key: "run-0", graph, n, pause: undefined }],
    ...{ faults: [], faultsMs: 0, maxBacklog: 1_000_000, diskFailures: 0 },
  };
}

function graphsOf(seed: number, numRuns: number): readonly Graph[] {
  return fc.sample(anyGraph, { seed, numRuns }).map(hurried);
}

/** What comes of a graph does not depend on how long its waits are. */
function hurried(graph: Graph): Graph {
  return graph.map((node) => {
    const { shape } = node;
    if (shape.kind === "sub") return { ...node, shape: { ...shape, graph: hurried(shape.graph) } };
    if (shape.kind !== "wait") return node;
    return { ...node, shape: { ...shape, timeoutMs: 1 + (shape.timeoutMs % MAX_WAIT_MS) } };
  });
}
