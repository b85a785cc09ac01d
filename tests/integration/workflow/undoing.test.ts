/** In which order a run is undone does not depend on clocks, nor on who speaks late. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { resultOf } from "../../../src/queue/local-source.ts";
import type { Task } from "../../../src/queue/task.ts";
import { createWorkflowScene, type WorkflowScene } from "../../support/workflow-scene.ts";

const tools = {
  good: () => ({}),
  bad: () => {
    throw new Error("no luck");
  },
  undo: () => ({}),
};
const undo = (what: string): object => ({ compensate: { tool: "undo", input: { what } } });

/** The end of `second` is in the transaction in which `first` ends. */
const saga = {
  name: "saga",
  nodes: [
    { id: "first", tool: "good", ...undo("first") },
    { id: "second", collect: "$first.state", ...undo("second") },
    { id: "third", tool: "good", after: ["second"], ...undo("third") },
    { id: "fourth", tool: "bad", after: ["third"] },
  ],
};

const UNDONE = ["third", "second", "first"].map((what) => `undo({"what":"${what}"})`);

async function claimed({ queue }: WorkflowScene): Promise<Task> {
  const [task] = await queue.claim({ worker: "tester", max: 1, can: () => true, waitMs: 0 });
  if (!task) throw new Error("there is nothing to claim");
  return task;
}

describe("a run that fails", () => {
  it("undoes the last thing first also where a late word came of an earlier one", async (t) => {
    const scene = await createWorkflowScene(t, tools);
    const { queue } = scene;
    await scene.submit(saga);
    const lost = await claimed(scene);
    await queue.giveBack(lost.spec.id, lost.token);
    const { spec, token } = await claimed(scene);
    const result = resultOf({ content: [], structuredContent: {} });
    await queue.complete(spec.id, token, result);
    await assertRejects(() => queue.complete(spec.id, lost.token, result), Error, "is over");

    await scene.work();

    assertEquals(scene.calls.slice(-3), UNDONE);
  });

  it("undoes the last thing first also where the clock was set back", async (t) => {
    const scene = await createWorkflowScene(t, tools);
    const { queue } = scene;
    await scene.submit(saga);
    const { spec, token } = await claimed(scene);
    await queue.complete(spec.id, token, resultOf({ content: [], structuredContent: {} }));
    await scene.clock.advance(-60_000);

    await scene.work();

    assertEquals(scene.calls.slice(-3), UNDONE);
  });
});
