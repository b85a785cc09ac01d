/** `mcpp workflow watch`: a run as it goes on, on a terminal and on a pipe. @module */

import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { WorkflowDag, WorkflowInfo } from "../../../src/registry/workflows.ts";
import type { Cleanup } from "../../support/temp-folder.ts";
import {
  asAnswer,
  dag,
  fetched,
  node,
  run,
  serveWorkflows,
  type WorkflowScene,
} from "../../support/workflow-server.ts";

describe("mcpp workflow watch", () => {
  const failedRun: WorkflowInfo = {
    ...{ ...run, state: "failed", finishedAt: "2026-11-20T00:00:03Z" },
    error: { code: "tool_failed", message: 'node "sum" failed' },
  };
  const failed = node("sum", {
    ...{ state: "failed", attempts: 2, worker: "gpu-box" },
    error: { code: "tool_failed", message: "no disk" },
  });
  const looks = (): WorkflowDag[] => [
    { ...dag, nodes: [node("fetch", { state: "running", attempts: 1 }), node("sum")] },
    { ...dag, nodes: [node("fetch", { state: "running", attempts: 1 }), node("sum")] },
    { ...dag, nodes: [fetched, failed], workflow: failedRun },
  ];
  const serveLooks = (t: Cleanup, all = looks()): Promise<WorkflowScene> =>
    serveWorkflows(t, {
      p2p_workflow_get_dag: () => asAnswer((all.length > 1 ? all.shift() : all[0]) ?? dag),
      p2p_workflow_status: run,
    });

  it("prints a line per change of a node on a pipe, and ends with 5 where the run failed", async (t) => {
    const { workflow } = await serveLooks(t);

    const { code, stdout } = await workflow(["watch", "wf-1"]);

    assertEquals(code, 5);
    assertEquals(stdout.split("\n"), [
      "fetch  fetch  running  attempt 1",
      "fetch  fetch  done in 1.4 s",
      "sum  sum  failed: no disk  gpu-box  attempt 2",
      'wf-1  failed: node "sum" failed',
      "",
    ]);
  });

  it("prints nodes as the server has them to a program, and the run last", async (t) => {
    const { stdout } = await (await serveLooks(t)).workflow(["watch", "wf-1", "--json"]);

    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(
      lines.map(({ id, state }) => [id, state]),
      [
        ["fetch", "running"],
        ["fetch", "done"],
        ["sum", "failed"],
        [undefined, "failed"],
      ],
    );
    assertEquals(lines.at(-1), failedRun);
  });

  it("draws in place on a terminal, with what to type below", async (t) => {
    const { workflow } = await serveLooks(t, [dag, ...looks()]);

    const { code, stdout, stderr } = await workflow(["watch", "wf-1"], { isInteractive: true });

    assertEquals(code, 5);
    assertStringIncludes(stdout, "mcpp workflow approve wf-1 ok says yes");
    // Up, and all below is gone.
    assertStringIncludes(stdout, "A\u001b[J");
    assertStringIncludes(stderr, 'failed: node "sum" failed');
  });

  it("ends with Ctrl-C, without an error", async (t) => {
    const { start } = await serveLooks(t, [dag]);
    const running = start(["watch", "wf-1"]);
    await running.printed("fetch  fetch  done");
    running.stop();

    assertEquals([await running.exitCode, running.stderr()], [0, ""]);
  });
});
