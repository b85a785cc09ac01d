/** Where calls about workflows are answered, and what steers a run. */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError, UnavailableError } from "../../../../src/errors.ts";
import type { Tasks } from "../../../../src/registry/tasks.ts";
import { AT, answered, createScene, dag, info, RUN } from "../../../support/workflow-tools.ts";

describe("p2p_workflow_coordinate", () => {
  it("makes each action of its parts", async (t) => {
    const { call, asked } = await createScene(t);
    const steer = (input: object) => call("coordinate", { workflowId: RUN, ...input });

    const answer = await steer({ action: "pause" });
    await steer({ action: "resume" });
    await steer({ action: "signal", node: "gate", payload: { ok: true } });
    await steer({ action: "signal", node: "gate" });
    await steer({ action: "approve", node: "gate" });
    await steer({ action: "approve", node: "gate", approved: false, note: "too early" });
    await steer({ action: "handoff", to: "attic" });
    await steer({ action: "takeover" });
    const again = await steer({ action: "reschedule", node: "each" });

    assertEquals([again.workflowId, again.previousWorkflowId], ["new", RUN]);
    assertEquals(asked.at(-1), ["reschedule", "default", RUN, "each"]);
    assertEquals(answer, { workflowId: RUN, state: "paused" });
    assertEquals(
      asked.slice(0, -1).map(([, , , action]) => action),
      [
        { action: "pause" },
        { action: "resume" },
        { action: "signal", node: "gate", payload: { ok: true } },
        { action: "signal", node: "gate" },
        { action: "approve", node: "gate", isApproved: true },
        { action: "approve", node: "gate", isApproved: false, note: "too early" },
        { action: "handoff", to: "attic" },
        { action: "takeover" },
      ],
    );
  });

  it("refuses what is missing, and what would not be heeded", async (t) => {
    const { call, asked } = await createScene(t);
    const refused = (input: object, message: string) =>
      assertRejects(() => call("coordinate", { workflowId: RUN, ...input }), InputError, message);

    await refused({ action: "signal" }, "signal needs node");
    await refused({ action: "approve" }, "approve needs node");
    await refused({ action: "pause", node: "gate" }, "node does not go with pause");
    await refused(
      { action: "approve", node: "gate", payload: 1 },
      "payload does not go with approve",
    );
    await refused({ action: "signal", node: "gate", note: "x" }, "note does not go with signal");
    await refused({ action: "handoff" }, "handoff needs to");
    await refused({ action: "reschedule", to: "attic" }, "to does not go with reschedule");
    await refused({ action: "takeover", to: "attic" }, "to does not go with takeover");
    await refused({ action: "migrate" }, "/action");
    assertEquals(asked, []);
  });
});

describe("a server that takes part in a run of another", () => {
  const attic = { coordinatorOf: async () => "attic" };
  const away = () => Promise.reject(new UnavailableError("peer_unreachable", "attic is away"));

  it("asks the coordinator, and changes nothing itself", async (t) => {
    const forwarded: unknown[] = [];
    const { call, asked } = await createScene(t, attic, {
      forward: async (peer, tool) => {
        forwarded.push([peer, tool]);
        return answered({ workflowId: RUN, state: "done", cancelledNodes: [] });
      },
    });

    assertEquals((await call("cancel", { workflowId: RUN })).state, "done");
    assertEquals((await call("coordinate", { workflowId: RUN, action: "pause" })).state, "done");

    assertEquals(forwarded, [
      ["attic", "p2p_workflow_cancel"],
      ["attic", "p2p_workflow_coordinate"],
    ]);
    assertEquals(asked, []);
  });

  it("tells what it knows where the coordinator is away, named or not", async (t) => {
    const known = { ...info, asOf: AT };
    const { call } = await createScene(
      t,
      { ...attic, status: async () => known, dag: async () => ({ ...dag, workflow: known }) },
      { forward: away },
    );

    assertEquals((await call("status", { workflowId: RUN })).asOf, AT);
    assertEquals((await call("status", { workflowId: RUN, peer: "attic" })).asOf, AT);
    const graph = (await call("get_dag", { workflowId: RUN })).dag as { workflow: object };
    assertEquals(graph.workflow, known);
  });

  it("refuses to change a run whose coordinator is away, and says how to take it over", async (t) => {
    const { call, asked } = await createScene(t, attic, { forward: away });

    await assertRejects(
      () => call("cancel", { workflowId: RUN }),
      UnavailableError,
      "take the run over with p2p_workflow_coordinate",
    );
    await call("coordinate", { workflowId: RUN, action: "takeover" });

    assertEquals(
      asked.map(([method]) => method),
      ["coordinate"],
    );
  });

  it("hears of no run that nobody knows, and says that the peer is away", async (t) => {
    const { call } = await createScene(t, {}, { forward: away });

    await assertRejects(
      () => call("status", { workflowId: RUN, peer: "attic" }),
      UnavailableError,
      "attic is away",
    );
  });
});

describe("a server that keeps nothing", () => {
  it("says so, and still asks the peer that a call names", async (t) => {
    const calls: unknown[] = [];
    const forward: Tasks["forward"] = async (...given) => {
      calls.push(given.slice(0, 3));
      return answered({ workflowId: RUN, state: "paused" });
    };
    const { call } = await createScene(t, {}, { forward });
    const pause = { workflowId: RUN, action: "pause" };
    const without = { without: true };

    await assertRejects(() => call("coordinate", pause, without), UnavailableError, "kept");
    await call("coordinate", { ...pause, peer: "far" }, without);

    const input = { ...pause, queue: "default", approved: true };
    assertEquals(calls, [["far", "p2p_workflow_coordinate", input]]);
  });
});

describe("a server whose queues are elsewhere", () => {
  it("hands every call on, without looking for workflows here", async (t) => {
    const calls: unknown[] = [];
    const elsewhere: Tasks["elsewhere"] = async () => async (tool, input) => {
      calls.push([tool, input]);
      return answered({ workflowId: RUN, state: "done", cancelledNodes: [] });
    };
    const { call, asked } = await createScene(t, {}, { elsewhere });

    await call("cancel", { workflowId: RUN, queue: "night" }, { without: true });

    const input = { queue: "night", workflowId: RUN, compensate: true };
    assertEquals([calls, asked], [[["p2p_workflow_cancel", input]], []]);
  });
});
