/** `mcpp workflow` against a server that answers what a test says, on a port of this host. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cli } from "../../support/run-cli.ts";
import {
  asAnswer,
  dag,
  fetched,
  type Json,
  refuse,
  run,
  serveWorkflows,
} from "../../support/workflow-server.ts";

const submitted = {
  ...{ workflowId: "wf-1", definitionCid: "bafy", state: "running", duplicate: false },
  ready: ["fetch"],
};

const YAML = "name: nightly\nnodes:\n  - id: fetch\n    tool: fetch_url\n";
const definition = { name: "nightly", nodes: [{ id: "fetch", tool: "fetch_url" }] };
const files = { "/work/flow.yaml": YAML };

describe("mcpp workflow, without a server", () => {
  it("says how to start one, with exit code 4", async () => {
    for (const args of [["workflow"], ["workflow", "watch", "wf-1"]]) {
      const { code, stderr } = await cli([...args, "--port", "0"]);

      assertEquals(code, 4, stderr);
      assertStringIncludes(stderr, "start one with mcpp serve, or name a running one");
    }
  });

  it("has help for each command, and all of them are completed", async () => {
    const { stdout } = await cli(["workflow", "--help"]);
    for (const name of "submit list status result watch dag verify cancel signal approve pause resume handoff takeover".split(
      " ",
    )) {
      assertMatch(stdout, new RegExp(`\\n\\s+${name} `));
    }
    assertMatch((await cli(["__complete", "--", "workflow", "si"])).stdout, /^signal\t/);
    const formats = await cli(["__complete", "--", "workflow", "dag", "--format", "s"]);
    assertMatch(formats.stdout, /^svg\t/);
  });
});

describe("mcpp workflow submit", () => {
  it("prints the id alone, and says beside it how to follow the run", async (t) => {
    const { workflow, calls } = await serveWorkflows(t, { p2p_workflow_submit: submitted });
    const flags = [
      "--input",
      '{"day":1,"to":"x"}',
      "--param",
      "to=ops",
      "--once",
      "k",
      "--label",
      "a=b",
    ];

    const { code, stdout, stderr } = await workflow(["submit", "flow.yaml", ...flags], { files });

    assertEquals([code, stdout], [0, "wf-1\n"], stderr);
    assertEquals(
      stderr,
      "it is running, 1 node could begin; mcpp workflow watch wf-1 follows it\n",
    );
    const request = { idempotencyKey: "k", labels: { a: "b" }, input: { day: 1, to: "ops" } };
    assertEquals(calls, [["p2p_workflow_submit", { workflow: definition, ...request }]]);
  });

  it("reads JSON and standard input, and prints the server's answer to a program", async (t) => {
    const answer = { ...submitted, duplicate: true };
    const { workflow, calls } = await serveWorkflows(t, { p2p_workflow_submit: answer });
    const input = JSON.stringify(definition);

    const { stdout } = await workflow(["submit", "-", "--peer", "p", "--json"], { input });

    assertEquals(JSON.parse(stdout), answer);
    assertEquals(calls[0]?.[1], { workflow: definition, peer: "p" });
    const { stderr } = await workflow(["submit", "-"], { input });
    assertStringIncludes(stderr, "was submitted before under this key: it is running;");
  });

  it("names the line of what the server refuses, and its JSON Pointer", async (t) => {
    const path = "/nodes/0/tool";
    for (const [data, message, says] of [
      [{ path }, `${path} names no tool`, `flow.yaml:4:5: ${path} names no tool`],
      [{ path: `/workflow${path}` }, "no tool", `flow.yaml:4:5: no tool (at /workflow${path})`],
      [{ path: "/labels/x" }, "too long", "error invalid_input: too long\n"],
    ] as const) {
      const refused = refuse({ code: "invalid_input", message, data });
      const { workflow } = await serveWorkflows(t, { p2p_workflow_submit: refused });

      const { code, stderr } = await workflow(["submit", "flow.yaml"], { files });

      assertEquals(code, 2);
      assertStringIncludes(stderr, says);
    }
    const cycle = refuse({
      code: "cyclic_workflow",
      message: "/nodes is a cycle",
      data: { path: "/nodes" },
    });
    const { workflow } = await serveWorkflows(t, { p2p_workflow_submit: cycle });
    const { stderr } = await workflow(["submit", "flow.yaml", "--json"], { files });
    const { error } = JSON.parse(stderr);
    assertEquals([error.code, error.data], ["cyclic_workflow", { path: "/nodes" }]);
  });

  it("says what is wrong with what was typed, with exit code 2 and nothing asked", async (t) => {
    const { workflow, calls } = await serveWorkflows(t, { p2p_workflow_submit: submitted });
    const bad = { ...files, "/work/bad.yaml": "name: [", "/work/list.json": "[]" };

    for (const [args, says] of [
      [["none.yaml"], "There is no file none.yaml"],
      [["bad.yaml"], "bad.yaml:1:8: "],
      [["list.json"], "list.json holds no workflow"],
      [["flow.yaml", "--input", "{"], "--input takes JSON"],
      [["flow.yaml", "--input", "[1]", "--param", "a=1"], "--param adds to a JSON object"],
      [["flow.yaml", "--label", "ops"], "--label takes name=value"],
      [["-", "--input", "-"], "not both"],
    ] as const) {
      const { code, stderr } = await workflow(["submit", ...args], { files: bad, input: "{}" });
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, says);
    }
    assertEquals(calls, []);
  });

  it("follows the run where asked", async (t) => {
    const end = { ...dag, workflow: { ...run, state: "done", finishedAt: "2026-11-20T00:00:03Z" } };
    const { workflow } = await serveWorkflows(t, {
      p2p_workflow_submit: submitted,
      p2p_workflow_get_dag: { format: "json", dag: { ...end, nodes: [fetched] } },
    });

    const { code, stdout } = await workflow(["submit", "flow.yaml", "--watch"], { files });

    assertEquals([code, stdout], [0, "wf-1\nfetch  fetch  done in 1.4 s\nwf-1  done in 3.0 s\n"]);
  });
});

describe("mcpp workflow list and status", () => {
  it("lists runs in a table, and says how to go on", async (t) => {
    const page = { workflows: [run], nextCursor: "7" };
    const { workflow, calls } = await serveWorkflows(t, { p2p_workflow_list: page });

    const { stdout, stderr } = await workflow(["list", "--state", "running", "--limit", "1"]);

    assertEquals(stdout.split("\n"), [
      "WORKFLOW  NAME     STATE    NODES  SUBMITTED                 LABELS",
      "wf-1      nightly  running  1/3    2026-11-20T00:00:00.000Z  team=ops",
      "",
    ]);
    assertEquals(stderr, "there are more: --limit, or --cursor 7\n");
    assertEquals(calls[0]?.[1], { state: "running", limit: 1 });
    assertEquals(JSON.parse((await workflow(["--json"])).stdout), page);
  });

  it("shows every node, why it waits, and what to type", async (t) => {
    const { workflow } = await serveWorkflows(t, { p2p_workflow_get_dag: asAnswer(dag) });

    const { code, stdout, stderr } = await workflow(["status", "wf-1"]);

    assertEquals(code, 0, stderr);
    assertMatch(stdout, /\nlongest way +fetch → sum\n/);
    assertEquals(stdout.split("\n\n")[1]?.split("\n"), [
      "NODE   WHAT           STATE                              ATTEMPTS  TIME                            WORKER",
      "fetch  fetch          done                               1         1.4 s                           gpu-box",
      "sum    map summarize  running 25 %                       1         since 2026-11-20T00:00:00.000Z  gpu-box",
      "ok     wait           waiting for approval: go[2J live?  0         –                               –",
      "",
    ]);
    assertStringIncludes(stderr, "mcpp workflow approve wf-1 ok says yes, with --no it says no");
    assertEquals(JSON.parse((await workflow(["status", "wf-1", "--json"])).stdout), asAnswer(dag));
  });

  it("refuses an answer that it cannot read, with exit code 5, and ends with 6 for no run", async (t) => {
    const none = refuse({ code: "not_found", message: "There is no workflow x" });
    const { workflow } = await serveWorkflows(t, {
      p2p_workflow_get_dag: none,
      p2p_workflow_list: {},
    });

    assertEquals((await workflow(["status", "x"])).code, 6);
    const { code, stderr } = await workflow(["list"]);
    assertEquals(code, 5);
    assertStringIncludes(stderr, "p2p_workflow_list answered something else");
  });
});

describe("mcpp workflow result", () => {
  const outcome = { workflowId: "wf-1", state: "done", durationMs: 5 };

  it("prints JSON: the result, else the results by node", async (t) => {
    const results = [{ ...outcome, result: [1] }, { ...outcome, outputs: { a: 1 } }, outcome];
    const { workflow } = await serveWorkflows(t, {
      p2p_workflow_get_result: () => results.shift(),
    });

    for (const printed of ["[1]\n", '{"a":1}\n', "null\n"]) {
      assertEquals((await workflow(["result", "wf-1"])).stdout, printed);
    }
  });

  it("ends with 7 where there is none yet, with 5 where there will be none", async (t) => {
    const error = { code: "tool_failed", message: "no disk" };
    const states = [{ state: "running" }, { state: "failed", error }, { state: "running" }];
    const results = [...states, { state: "cancelled" }].map((end) => ({ ...outcome, ...end }));
    const { workflow, calls } = await serveWorkflows(t, {
      p2p_workflow_get_result: () => results.shift(),
    });

    const early = await workflow(["result", "wf-1"]);
    assertEquals(early.code, 7);
    assertStringIncludes(early.stderr, "is not over, it is running: --wait waits for it");
    const failed = await workflow(["result", "wf-1"]);
    assertEquals(failed.code, 5);
    assertStringIncludes(failed.stderr, "Workflow wf-1 failed: no disk (tool_failed)");
    const cancelled = await workflow(["result", "wf-1", "--wait", "--json"]);
    assertEquals([cancelled.code, JSON.parse(cancelled.stdout).state], [5, "cancelled"]);
    assertEquals(
      calls.map(([, input]) => input.waitMs),
      [0, 0, 30_000, 30_000],
    );
  });
});

describe("mcpp workflow cancel, signal, approve, pause, resume, handoff and takeover", () => {
  it("ask for what was typed, and say where the run is then", async (t) => {
    const { workflow, calls } = await serveWorkflows(t, {
      p2p_workflow_cancel: { workflowId: "wf-1", state: "ending", cancelledNodes: ["sum"] },
      p2p_workflow_coordinate: { workflowId: "wf-1", state: "running" },
    });
    const asked = async (...args: readonly string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await workflow(args);
      assertEquals([code, stdout.startsWith("wf-1 is ")], [0, true], stderr);
      const { workflowId, ...input } = calls.at(-1)?.[1] ?? {};
      assertEquals(workflowId, "wf-1");
      return input;
    };

    assertEquals(await asked("cancel", "wf-1"), { compensate: true });
    assertEquals(await asked("cancel", "wf-1", "--no-compensate", "--reason", "late"), {
      ...{ compensate: false, reason: "late" },
    });
    assertEquals(await asked("signal", "wf-1", "ok"), { action: "signal", node: "ok" });
    assertEquals(await asked("signal", "wf-1", "ok", "--payload", "[1]"), {
      ...{ action: "signal", node: "ok", payload: [1] },
    });
    const approve = { action: "approve", node: "ok" };
    assertEquals(await asked("approve", "wf-1", "ok"), { ...approve, approved: true });
    assertEquals(await asked("approve", "wf-1", "ok", "--no", "--note", "not today"), {
      ...{ ...approve, approved: false, note: "not today" },
    });
    assertEquals(await asked("pause", "wf-1"), { action: "pause" });
    assertEquals(await asked("resume", "wf-1", "--queue", "q", "--peer", "p"), {
      ...{ action: "resume", queue: "q", peer: "p" },
    });
    assertEquals(await asked("handoff", "wf-1", "attic"), { action: "handoff", to: "attic" });
    assertEquals(await asked("takeover", "wf-1"), { action: "takeover" });
    const { stdout, stderr } = await workflow(["cancel", "wf-1"]);
    assertEquals([stdout, stderr], ["wf-1 is ending\n", "ended with it: sum\n"]);
  });

  it("say who has the run, where several servers take part", async (t) => {
    const coordination = { coordinator: "attic", epoch: 2, members: ["attic", "cellar"] };
    const { workflow } = await serveWorkflows(t, {
      p2p_workflow_coordinate: { workflowId: "wf-1", state: "running", coordination },
    });

    const { stdout } = await workflow(["handoff", "wf-1", "attic"]);

    assertEquals(stdout, "wf-1 is running, coordinated by attic\n");
  });
});

describe("mcpp workflow dag", () => {
  it("prints the graph as text, or writes it to a file", async (t) => {
    const { workflow, calls } = await serveWorkflows(t, {
      p2p_workflow_get_dag: ({ format }: Json) =>
        format === "json" ? asAnswer(dag) : { format, text: `as ${format}\n` },
    });

    assertEquals((await workflow(["dag", "wf-1"])).stdout, "as mermaid\n");
    assertEquals((await workflow(["dag", "wf-1", "--format", "dot"])).stdout, "as dot\n");
    const { stdout, stderr, file } = await workflow([
      "dag",
      "wf-1",
      "--format",
      "svg",
      "--out",
      "a.svg",
    ]);
    assertEquals([stdout, stderr], ["", "wrote /work/a.svg\n"]);
    assertEquals(file("/work/a.svg").text, "as svg\n");
    const json = await workflow(["dag", "wf-1", "--format", "json"]);
    assertEquals(JSON.parse(json.stdout).criticalPath, ["fetch", "sum"]);
    assertEquals(calls[0]?.[1], { workflowId: "wf-1", format: "mermaid" });
  });
});
