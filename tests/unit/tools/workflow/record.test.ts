/** What the tools of workflows tell of a run's log, over workflows that answer what a test says. */

import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Tasks } from "../../../../src/registry/tasks.ts";
import type {
  WorkflowDag,
  WorkflowEvent,
  WorkflowInfo,
  Workflows,
} from "../../../../src/registry/workflows.ts";
import { tools } from "../../../../tools/workflow/mod.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

const AT = "2026-11-20T00:00:00.000Z";
const workflow: WorkflowInfo = {
  ...{ workflowId: "run", name: "report", queue: "default", definitionCid: "bafy", state: "done" },
  ...{ submittedBy: "local", submittedAt: AT, labels: {}, nodes: 0, counts: {} },
};
const dag: WorkflowDag = { workflow, nodes: [], criticalPath: [] };
const event: WorkflowEvent = {
  ...{ number: 7, at: AT, type: "completed", node: "fetch", taskId: "t" },
  ...{ cid: "bafy", commit: "bafz", facts: { worker: "w" } },
  cites: [{ owner: "attic", queue: "default", commit: "baga" }],
};

async function call(t: Cleanup, name: string, input: object, own: Partial<Workflows>) {
  const known = { coordinatorOf: async () => undefined, status: async () => workflow };
  const workflows = { ...known, dag: async () => dag, ...own } as Partial<Workflows> as Workflows;
  const tasks = { elsewhere: async () => undefined } as Partial<Tasks> as Tasks;
  const { context } = await createToolScene(t, { workflows, tasks });
  const tool = tools.find((one) => one.name === name);
  assert(tool, name);
  return (await tool.run(tool.parse(input), context)).structuredContent;
}

describe("p2p_workflow_status with events", () => {
  it("adds them, and how many older ones are left out", async (t) => {
    const status = (older: number) =>
      call(
        t,
        "p2p_workflow_status",
        { workflowId: "run", include: ["events"] },
        { events: async () => ({ events: [event], older }) },
      );

    const { nodes: _, ...run } = workflow;
    const answer = { ...run, criticalPath: [], events: [event] };
    assertEquals(await status(0), answer);
    assertEquals(await status(2), { ...answer, olderEvents: 2 });
  });
});

describe("p2p_workflow_get_dag as car", () => {
  it("gives what proves the run, in base64", async (t) => {
    const input = { workflowId: "run", format: "car" };

    const answer = await call(t, "p2p_workflow_get_dag", input, { proof: async () => "Y2Fy" });

    assertEquals(answer, { format: "car", text: "Y2Fy" });
  });
});
