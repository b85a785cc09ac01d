/** What a run knows of itself, beside its nodes' own tasks. @module */

import type { Task, TaskError } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";

/** How a node ended. */
export type NodeOutcome = "done" | "failed" | "skipped" | "cancelled";

/** What came of the nodes before one that has not begun. */
export interface Joining {
  left: number;
  done: number;
  failed: number;
  skipped: number;
}

/** How a run is brought to an end that is no success. */
export interface Ending {
  readonly state: "failed" | "cancelled";
  readonly error: TaskError;
  readonly compensates: boolean;
  /** Nodes still to be undone, the next one last; missing until everything has come to rest. */
  undo?: string[];
  /** The node that is being undone. */
  undoing?: string | undefined;
  /** Nodes that could not be undone. */
  stuck?: string[];
}

/** By whom a run is coordinated. */
export interface Coordination {
  /** Grows with each coordinator. */
  readonly epoch: number;
  /** Ids of all that take part, its coordinators among them. */
  readonly members: readonly string[];
}

/** A run's own state; changed in place by the transaction that has copied it. */
export interface RunState {
  /** CID of the definition. */
  readonly definition: string;
  /** Workflows that this one is within. */
  readonly depth: number;
  /** Nodes whose end is not known yet. */
  undecided: number;
  /** Of those, nodes that have begun. */
  open: number;
  readonly counts: Record<NodeOutcome, number>;
  readonly waiting: Record<string, Joining>;
  /** Nodes that could begin, were it not paused. */
  held?: string[];
  /** It is paused only until another server has it. */
  resumes?: true;
  /** The first failure that nobody after it takes care of. */
  fault?: { readonly node: string; readonly error: TaskError };
  ending?: Ending;
  /** Who takes part in it, where others have it, too. */
  readonly coordination?: Coordination;
  /** It was handed over: to whom, and the CID of what it was then. */
  readonly yielded?: { readonly to: string; readonly epoch: number; readonly replica: string };
  /** Finished nodes of this run are taken over where their inputs are the same. */
  readonly reuse?: { readonly run: string; readonly except: readonly string[] };
}

/** The kind of a run's own task. */
export const RUN_KIND = "workflow";

/** The state of a run that has not begun. */
export function newRunState(
  about: Pick<RunState, "definition" | "depth" | "reuse" | "coordination">,
  nodes: number,
): RunState {
  const counts = { done: 0, failed: 0, skipped: 0, cancelled: 0 };
  return { ...about, undecided: nodes, open: 0, counts, waiting: {} };
}

/** The state that is stored with a run. */
export function runStateOf({ flow }: Task): RunState {
  // Stored by this module alone.
  return flow as RunState;
}

/** The state of runs as one transaction changes it: copied once, then changed in place. */
export class RunDrafts {
  readonly #set: WorkingSet;
  readonly #drafts = new Map<string, RunState>();

  constructor(set: WorkingSet) {
    this.#set = set;
  }

  /** `undefined` where there is no such run, or it is over. */
  get(id: string): RunState | undefined {
    const known = this.#drafts.get(id);
    if (known) return known;
    const task = this.#set.task(id);
    if (task?.spec.kind !== RUN_KIND || task.state !== "scheduled") return undefined;
    const stored = runStateOf(task);
    const { ending } = stored;
    const draft: RunState = {
      ...stored,
      counts: { ...stored.counts },
      waiting: Object.fromEntries(
        Object.entries(stored.waiting).map(([node, joining]) => [node, { ...joining }]),
      ),
      ...(stored.held && { held: [...stored.held] }),
      ...(ending && { ending: { ...ending, ...(ending.undo && { undo: [...ending.undo] }) } }),
    };
    this.#drafts.set(id, draft);
    return draft;
  }

  /** Store what changed. */
  write(id: string): Task | undefined {
    const draft = this.#drafts.get(id);
    const task = this.#set.task(id);
    if (!draft || task?.state !== "scheduled") return undefined;
    return this.#set.record(task, { type: "advanced", flow: draft });
  }
}
