/** A server whose workflow tools answer what a test says, and the command line that asks it. @module */

import { host } from "#host";
import type { WorkflowDag, WorkflowInfo, WorkflowNodeInfo } from "../../src/registry/workflows.ts";
import { type CliOutcome, cli, type RunningCli, startCli } from "./run-cli.ts";
import type { Cleanup } from "./temp-folder.ts";

/** What JSON objects are. */
export type Json = Readonly<Record<string, unknown>>;

/** What the tools answer: a result, or a function of the input that gives or throws one. */
type Answers = Readonly<Record<string, unknown>>;

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly data?: Json;
}

/** An answer that refuses the call. */
export const refuse = (refusal: Refusal) => (): never => {
  throw refusal;
};

/** The command line and a server that it asks. */
export interface WorkflowScene {
  /** `mcpp workflow …` against the server. */
  workflow(args: readonly string[], options?: Parameters<typeof startCli>[1]): Promise<CliOutcome>;
  start(args: readonly string[], options?: Parameters<typeof startCli>[1]): RunningCli;
  /** Calls that the server got. */
  readonly calls: readonly (readonly [tool: string, input: Json])[];
}

/** Listen on a port of this host until the test ends. */
export async function serveWorkflows(t: Cleanup, answers: Answers): Promise<WorkflowScene> {
  const calls: (readonly [string, Json])[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const tool = /^\/tools\/(\w+)$/.exec(new URL(request.url).pathname)?.[1];
    if (tool === undefined) return Response.json({ mcp: "/mcp" });
    const input = (await request.json()) as Json;
    calls.push([tool, input]);
    const given = answers[tool];
    try {
      const structuredContent = typeof given === "function" ? await given(input) : given;
      return Response.json({ content: [], structuredContent });
    } catch (refusal) {
      return Response.json(refusal, { status: 400 });
    }
  };
  const server = await host.listen(answer, { hostname: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  const at = ["--server", `http://127.0.0.1:${server.port}`];
  return {
    calls,
    workflow: (args, options) => cli(["workflow", ...args, ...at], options),
    start: (args, options) => startCli(["workflow", ...args, ...at], options),
  };
}

const START = "2026-11-20T00:00:00.000Z";

/** A run that goes on. */
export const run: WorkflowInfo = {
  ...{ workflowId: "wf-1", name: "nightly", queue: "default", definitionCid: "bafy", nodes: 3 },
  ...{ state: "running", submittedBy: "anonymous", submittedAt: START, labels: { team: "ops" } },
  counts: { done: 1, running: 1, waiting: 1 },
};

/** A node that calls the tool of its name, with changes. */
export const node = (id: string, changes: Partial<WorkflowNodeInfo> = {}): WorkflowNodeInfo => ({
  ...{ id, kind: "tool", state: "pending", after: [], attempts: 0 },
  ...(changes.kind === undefined && { tool: id }),
  ...changes,
});

/** A node that is done. */
export const fetched: WorkflowNodeInfo = node("fetch", {
  ...{ state: "done", attempts: 1, worker: "gpu-box", durationMs: 1_449 },
  ...{ startedAt: START, finishedAt: "2026-11-20T00:00:01.449Z" },
});

/** The graph of {@link run}: a node is done, one runs, one waits for approval. */
export const dag: WorkflowDag = {
  workflow: run,
  nodes: [
    fetched,
    node("sum", {
      ...{ kind: "map", tool: "summarize", state: "running", after: ["fetch"], attempts: 1 },
      ...{ startedAt: START, progress: { done: 1, total: 4 }, worker: "gpu-box" },
    }),
    node("ok", { kind: "wait", state: "waiting", waitsFor: { approval: "go\u001b[2J live?" } }),
  ],
  criticalPath: ["fetch", "sum"],
};

/** What `p2p_workflow_get_dag` answers. */
export const asAnswer = (given: WorkflowDag): Json => ({
  format: "json",
  dag: { ...given, edges: [] },
});
