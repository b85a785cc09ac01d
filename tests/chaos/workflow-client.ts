/** A client that runs the trial and insists on every answer, whatever happens to the server. @module */

import { callTool, Refused, type Surface } from "../support/queue-calls.ts";
import { TRIAL } from "./workflow-trial.ts";

type Facts = Readonly<Record<string, unknown>>;

/** What must be the same in every run with the same input. */
export interface Ending {
  readonly state: unknown;
  readonly result: unknown;
  readonly error: unknown;
  /** State by node. */
  readonly nodes: Facts;
  /** The same of the workflow within. */
  readonly within: Facts;
}

/** A run that is over; times of the machine's clock. */
export interface Ended {
  readonly key: string;
  readonly workflowId: string;
  readonly variant: number;
  readonly requestedAt: number;
  readonly finishedAt: number;
  readonly ending: Ending;
}

/** What is asked for. */
export interface TrialRequest {
  /** Unique; by it, asking again does not make a second run. */
  readonly key: string;
  readonly variant: number;
  readonly surface: Surface;
  /** After this time it is stuck. */
  readonly withinMs: number;
}

/** A run that was not over in time. */
export class Stuck extends Error {}

/** A server that starts again answers nothing for a while. */
const PATIENCE_MS = 8_000;
const RETRY_MS = 100;
const WAIT_MS = 5_000;

const UNDER_WAY: ReadonlySet<unknown> = new Set(["running", "paused", "ending"]);
/** Refusals that would be the same again: of a run that was acknowledged, they are its loss. */
const LASTING: ReadonlySet<string> = new Set([
  "invalid_input",
  "not_found",
  "version_conflict",
  "unknown_tool",
  "capability_missing",
]);

/** Runs trials on a server. */
export class WorkflowClient {
  /** Requests that failed and were sent again, by the reason. */
  readonly retried: Map<string, number> = new Map();
  readonly #url: string;
  readonly #effects: string;

  constructor(url: string, effects: string) {
    this.#url = url;
    this.#effects = effects;
  }

  /** Submit a run and wait for its end. */
  async run({ key, variant, surface, withinMs }: TrialRequest): Promise<Ended> {
    const requestedAt = Date.now();
    const ask = this.#asker(surface, requestedAt + withinMs);
    const input = { file: this.#effects, run: key, n: variant };
    const request = { workflow: TRIAL, input, idempotencyKey: key };
    const { workflowId } = await ask("submit", request);
    for (;;) {
      const said = await ask("get_result", { workflowId, waitMs: WAIT_MS });
      if (UNDER_WAY.has(said.state)) continue;
      const { workflow, nodes, states } = dagIn(await ask("get_dag", { workflowId }));
      const inner = nodes.find(({ id }) => id === "inner")?.taskId;
      const within = inner ? dagIn(await ask("get_dag", { workflowId: inner })).states : {};
      const { state, result, error } = said;
      return {
        ...{ key, workflowId: String(workflowId), variant, requestedAt },
        finishedAt: Date.parse(String(workflow.finishedAt)),
        ending: { state, result, error, nodes: states, within },
      };
    }
  }

  #asker(surface: Surface, endsAt: number): (name: string, input: Facts) => Promise<Facts> {
    return async (name, input) => {
      for (;;) {
        if (Date.now() > endsAt) throw new Stuck(JSON.stringify(input.workflowId ?? "submit"));
        try {
          const tool = `p2p_workflow_${name}`;
          return await callTool(this.#url, tool, input, { surface, withinMs: PATIENCE_MS });
        } catch (error) {
          if (error instanceof Refused && LASTING.has(error.code)) throw error;
          const why = reasonOf(error);
          this.retried.set(why, (this.retried.get(why) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    };
  }
}

function dagIn({ dag }: Facts): {
  readonly workflow: Facts;
  readonly nodes: readonly Facts[];
  readonly states: Facts;
} {
  const { workflow, nodes } = dag as { readonly workflow: Facts; readonly nodes: readonly Facts[] };
  return {
    workflow,
    nodes,
    states: Object.fromEntries(nodes.map(({ id, state }) => [String(id), state])),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  if (error instanceof DOMException) return "no answer in time";
  return error instanceof TypeError ? "connection broke" : String(error);
}
