/** What each tool of workflows takes and answers. */

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { InputError } from "../../../../src/errors.ts";
import { runtimeOf } from "../../../../src/registry/runtime-of.ts";
import type { Tasks } from "../../../../src/registry/tasks.ts";
import { tools } from "../../../../tools/workflow/mod.ts";
import {
  AT,
  answered,
  createScene,
  dag,
  done,
  info,
  nodes,
  outcome,
  RUN,
} from "../../../support/workflow-tools.ts";

describe("every tool of workflows", () => {
  it("has the name that is promised", () => {
    const names = "submit status cancel list get_dag coordinate get_result reschedule".split(" ");
    const full = names.map((name) => `p2p_workflow_${name}`);
    assertEquals(
      tools.map(({ name }) => name),
      full,
    );
  });

  it("says what it does in a line, and has an example that it accepts", () => {
    for (const { name, summary, description, example, outputSchema, parse } of tools) {
      assert(summary.length <= 100 && !summary.endsWith("."), `${name}: ${summary}`);
      assert(description.length > summary.length, name);
      assertEquals(outputSchema?.type, "object", name);
      assert(example, name);
      parse(example);
    }
  });

  it("runs on this server, takes a queue and a peer, and needs neither", () => {
    for (const tool of tools) {
      assertEquals([runtimeOf(tool), tool.routing.requiresMesh], ["local", undefined], tool.name);
      const properties = tool.inputSchema.properties as Record<string, { default?: unknown }>;
      assertEquals(properties.queue?.default, "default", tool.name);
      assertEquals("peer" in properties, true, tool.name);
      const required = (tool.inputSchema.required ?? []) as string[];
      assert(!required.includes("peer") && !required.includes("queue"), tool.name);
    }
  });

  it("judges reading, writing and destroying apart", () => {
    const accessOf = (access: string): string[] =>
      tools.filter((tool) => tool.access === access).map(({ name }) => name.slice(13));
    assertEquals(accessOf("read"), ["status", "list", "get_dag", "get_result"]);
    assertEquals(accessOf("write"), ["submit", "coordinate", "reschedule"]);
    assertEquals(accessOf("destructive"), ["cancel"]);
  });
});

describe("p2p_workflow_submit", () => {
  const workflow = { name: "report", nodes: [{ id: "fetch", tool: "cache_get" }] };

  it("hands on the workflow as it is written, and tells what begins", async (t) => {
    const { call, asked } = await createScene(t);
    const request = { workflow, input: [1], idempotencyKey: "k", labels: { team: "ops" } };

    const answer = await call("submit", { ...request, queue: "night" });

    assertEquals(answer, {
      ...{ workflowId: RUN, definitionCid: "bafy", state: "running", duplicate: true },
      ready: ["fetch"],
    });
    assertEquals(asked, [["submit", "night", request]]);
  });

  it("refuses what is no workflow, and labels that lists cannot find", async (t) => {
    const { call, asked } = await createScene(t);

    await assertRejects(() => call("submit"), InputError, "/workflow");
    await assertRejects(() => call("submit", { workflow: "x" }), InputError, "/workflow");
    await assertRejects(() => call("submit", { workflow, labels: { "a=b": "c" } }), InputError);
    assertEquals(asked, []);
  });

  it("tells models of every kind of node", () => {
    const description = tools[0]?.description ?? "";
    for (const kind of ["tool", "map", "branch", "loop", "sub", "wait", "collect"]) {
      assertMatch(description, new RegExp(`^${kind}: `, "m"));
    }
    for (const word of ["$input", "after", "join", "compensate", "output", "$item", "$last"]) {
      assert(description.includes(word), word);
    }
  });
});

describe("p2p_workflow_status", () => {
  it("gives the run and its critical path", async (t) => {
    const { call, asked } = await createScene(t);

    const answer = await call("status", { workflowId: RUN });

    const { nodes: _, ...run } = info;
    assertEquals(answer, { ...run, criticalPath: ["fetch", "each"] });
    assertEquals(asked.slice(0, 2), [
      ["status", "default", RUN, 0],
      ["dag", "default", RUN],
    ]);
  });

  it("adds nodes and result where asked to", async (t) => {
    const { call, asked } = await createScene(t, { dag: async () => ({ ...dag, workflow: done }) });

    const include = ["nodes", "result"];
    const answer = await call("status", { workflowId: RUN, include, waitMs: 5 });

    assertEquals([answer.nodes, answer.outcome], [nodes, outcome]);
    assertEquals([answer.state, answer.error], ["done", done.error]);
    assertEquals([answer.previousWorkflowId, answer.finishedAt], ["older", AT]);
    assertEquals(asked, [
      ["status", "default", RUN, 5],
      ["outcome", "default", RUN, 0],
    ]);
  });

  it("refuses what it cannot add, and a wait that is too long", async (t) => {
    const { call } = await createScene(t);
    const status = (more: object) => call("status", { workflowId: RUN, ...more });

    await assertRejects(() => status({ include: ["inputs"] }), InputError, "/include/0");
    await assertRejects(() => status({ waitMs: 60_001 }), InputError, "/waitMs");
    await assertRejects(() => call("status"), InputError, "/workflowId");
  });
});

describe("p2p_workflow_cancel", () => {
  it("undoes what was done unless it is told not to", async (t) => {
    const { call, asked } = await createScene(t);

    const answer = await call("cancel", { workflowId: RUN });
    await call("cancel", { workflowId: RUN, compensate: false, reason: "late" });

    assertEquals(answer, { workflowId: RUN, state: "done", cancelledNodes: ["gate"] });
    assertEquals(asked, [
      ["cancel", "default", RUN, { compensate: true }],
      ["cancel", "default", RUN, { compensate: false, reason: "late" }],
    ]);
  });
});

describe("p2p_workflow_list", () => {
  it("lists a page of runs", async (t) => {
    const { call, asked } = await createScene(t);

    assertEquals(await call("list"), { workflows: [info, done], nextCursor: "next" });
    await call("list", { state: "ending", label: "team=ops", limit: 200, cursor: "next" });

    assertEquals(asked, [
      ["list", "default", { limit: 50 }],
      ["list", "default", { state: "ending", label: "team=ops", limit: 200, cursor: "next" }],
    ]);
    await assertRejects(() => call("list", { limit: 201 }), InputError, "/limit");
    await assertRejects(() => call("list", { state: "leased" }), InputError, "/state");
  });
});

describe("p2p_workflow_get_dag", () => {
  it("gives the graph as data, with its edges", async (t) => {
    const { call, asked } = await createScene(t);

    const answer = await call("get_dag", { workflowId: RUN });

    const edges = ["fetch each", "fetch gate", "each gate"].map((edge) => edge.split(" "));
    assertEquals(answer, { format: "json", dag: { ...dag, edges } });
    assertEquals(asked, [["dag", "default", RUN]]);
  });

  it("gives a drawing as text", async (t) => {
    const { call, asked } = await createScene(t);

    for (const format of ["mermaid", "dot", "svg"]) {
      const answer = await call("get_dag", { workflowId: RUN, format });
      assertEquals(answer, { format, text: "graph LR" });
      assertEquals(asked.at(-1), ["draw", "default", RUN, format]);
    }

    await assertRejects(() => call("get_dag", { workflowId: RUN, format: "png" }), InputError);
  });
});

describe("p2p_workflow_get_result", () => {
  it("waits as long as it is told", async (t) => {
    const { call, asked } = await createScene(t);

    assertEquals(await call("get_result", { workflowId: RUN, waitMs: 9 }), { ...outcome });
    assertEquals(asked, [["outcome", "default", RUN, 9]]);
  });

  it("waits in parts that a peer has time for", async (t) => {
    const calls: unknown[] = [];
    const forward: Tasks["forward"] = async (peer, tool, input) => {
      calls.push([peer, tool, input]);
      const state = calls.length < 3 ? "paused" : "done";
      return answered({ workflowId: RUN, state, durationMs: 1 });
    };
    const { call } = await createScene(t, {}, { forward });

    const { state } = await call("get_result", { peer: "far", workflowId: RUN, waitMs: 50_000 });

    assertEquals(state, "done");
    const input = { queue: "default", workflowId: RUN };
    const parts = [20_000, 20_000, 10_000].map((waitMs) => ({ ...input, waitMs }));
    assertEquals(
      calls,
      parts.map((part) => ["far", "p2p_workflow_get_result", part]),
    );
  });
});

describe("p2p_workflow_reschedule", () => {
  it("makes a new run and names the one before", async (t) => {
    const { call, asked } = await createScene(t);

    const answer = await call("reschedule", { workflowId: RUN, from: "each" });
    await call("reschedule", { workflowId: RUN });

    const known = { previousWorkflowId: RUN, state: "running", reused: ["fetch"] };
    assertEquals(answer, { workflowId: "new", ...known });
    assertEquals(asked, [
      ["reschedule", "default", RUN, "each"],
      ["reschedule", "default", RUN, undefined],
    ]);
  });
});
