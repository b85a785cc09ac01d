/** Workflows in an app: checked and submitted by tools, worked by the app itself, seen by who may. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as v from "valibot";
import { createApp, defineTool, type EmbeddedApp } from "../../../runtimes/lib.ts";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import { fromBase64 } from "../../../src/ipld/base64.ts";
import type { Caller } from "../../../src/registry/caller.ts";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";

type Fields = Readonly<Record<string, unknown>>;

const add = defineTool({
  name: "add",
  description: "Add two numbers",
  input: v.object({ a: v.number(), b: v.number() }),
  output: v.object({ sum: v.number() }),
  annotations: { readOnlyHint: true },
  run: ({ a, b }) => ({ sum: a + b }),
});

const wipe = defineTool({
  name: "wipe",
  description: "Remove everything",
  input: v.object({}),
  annotations: { destructiveHint: true },
  run: () => ({ wiped: true }),
});

const config = { log: { audit: false, level: "error" } } as const;

const caller = (id: string): Caller => ({
  id,
  grant: { categories: "*", access: "write", abilities: new Set() },
});

async function told(app: EmbeddedApp, tool: string, input: object, as?: Caller): Promise<Fields> {
  const result = await app.call(`p2p_workflow_${tool}`, input, as ? { caller: as } : {});
  return (result.structuredContent ?? {}) as Fields;
}

const sums = {
  name: "sums",
  nodes: [
    { id: "first", tool: "add", input: { a: "$input.a", b: 1 } },
    { id: "ask", wait: { approval: "Go on?" }, after: ["first"] },
    {
      id: "choose",
      branch: [{ when: "$ask.payload.approved", then: "second" }, { else: "stop" }],
    },
    { id: "second", tool: "add", input: { a: "$first.result.sum", b: 1 } },
    { id: "stop", collect: "stopped" },
  ],
};

describe("an app with workflows", () => {
  it("runs one from its submission over an approval to its result, and shows it", async () => {
    await using app = await createApp({ tools: [add], config });

    const submitted = await told(app, "submit", { workflow: sums, input: { a: 1 } });
    const { workflowId } = submitted;
    assertEquals([submitted.state, submitted.ready], ["running", ["first"]]);
    for (let at = 0; at < 500; at += 1) {
      const { counts } = await told(app, "status", { workflowId, waitMs: 10 });
      if ((counts as Fields).done === 1) break;
    }
    await told(app, "coordinate", { workflowId, action: "approve", node: "ask" });
    const outcome = await told(app, "get_result", { workflowId, waitMs: 10_000 });

    assertEquals([outcome.state, outcome.result], ["done", { second: { sum: 3 } }]);
    const status = await told(app, "status", { workflowId, include: ["nodes"] });
    const nodes = status.nodes as readonly Fields[];
    assertEquals(
      nodes.map(({ id, state }) => `${id} ${state}`),
      ["first done", "ask done", "choose done", "second done", "stop skipped"],
    );
    assertEquals(status.criticalPath, ["first", "ask", "choose", "second"]);
    const { text } = await told(app, "get_dag", { workflowId, format: "svg" });
    assertMatch(String(text), /^<svg[\s\S]*second[\s\S]*<\/svg>\s*$/);
    const { workflows } = await told(app, "list", { state: "done" });
    assertEquals((workflows as readonly Fields[]).length, 1);
  });

  it("refuses what cannot work, with the path of the fault", async () => {
    await using app = await createApp({ tools: [add], config });
    const refusal = async (node: object): Promise<unknown> => {
      const workflow = { name: "w", nodes: [node] };
      const error = await assertRejects(() => told(app, "submit", { workflow }), InputError);
      return error.data.path ?? error.message;
    };

    assertEquals(await refusal({ id: "a", tool: "add", input: { a: 1 } }), "/nodes/0/input");
    const wrong = { id: "a", tool: "add", input: { a: "x", b: 1 } };
    assertEquals(await refusal(wrong), "/nodes/0/input/a");
    assertMatch(String(await refusal({ id: "a", tool: "ad" })), /did you mean add/);
    assertEquals(await refusal({ id: "a", collect: "$b.result" }), "/nodes/0/collect");
  });

  it("answers the same key with the same run, and refuses it for another workflow", async () => {
    await using app = await createApp({ tools: [add], config });
    const workflow = { name: "w", nodes: [{ id: "a", tool: "add", input: { a: 1, b: 1 } }] };
    const once = { workflow, idempotencyKey: "once" };
    const first = await told(app, "submit", once);

    const again = await told(app, "submit", once);

    assertEquals([again.workflowId, again.duplicate], [first.workflowId, true]);
    const other = told(app, "submit", { ...once, workflow: { ...workflow, name: "other" } });
    await assertRejects(() => other, Error, "belongs to another task");
  });

  it("lets a run do no more than its submitter may, and shows it to nobody else", async () => {
    await using app = await createApp({ tools: [add, wipe], config });
    const [ada, bob] = [caller("key:ada"), caller("key:bob")];
    const workflow = (tool: string, input: object) => ({
      workflow: { name: "w", nodes: [{ id: "a", tool, input }] },
    });

    await assertRejects(() => told(app, "submit", workflow("wipe", {}), ada), Error, "wipe");
    const { workflowId } = await told(app, "submit", workflow("add", { a: 1, b: 1 }), ada);
    await told(app, "get_result", { workflowId, waitMs: 10_000 }, ada);

    const look = told(app, "status", { workflowId }, bob);
    await assertRejects(() => look, InputError, "that is yours");
    assertEquals((await told(app, "list", {}, bob)).workflows, []);
  });

  it("tells what the log has of a run, and gives what proves it", async () => {
    await using app = await createApp({ tools: [add], config });
    const nodes = [
      { id: "one", tool: "add", input: { a: 7_654_321, b: "$input" } },
      { id: "two", collect: "$one.result" },
    ];
    const { workflowId } = await told(app, "submit", { workflow: { name: "w", nodes }, input: 1 });
    await told(app, "get_result", { workflowId, waitMs: 10_000 });

    const { events, olderEvents } = await told(app, "status", { workflowId, include: ["events"] });
    const { text } = await told(app, "get_dag", { workflowId, format: "car" });

    const what = (events as readonly Fields[]).map(({ type, node }) => `${node ?? "run"} ${type}`);
    const node = (id: string) => [`${id} submitted`, `${id} completed`];
    const one = ["one submitted", "one claimed", "one completed"];
    assertEquals(what, ["run submitted", ...one, ...node("two"), "run completed"]);
    assertEquals([olderEvents, JSON.stringify(events).includes("765432")], [undefined, false]);
    const { faults, edges } = verifyProof(fromBase64(String(text)));
    assertEquals([faults, edges], [[], [{ from: "one", to: "two" }]]);
  });

  it("runs one again from what failed, or from a node that is named", async () => {
    const calls: string[] = [];
    const step = defineTool({
      name: "step",
      description: "Fails when it is called for the first time",
      input: v.object({ of: v.string(), after: v.optional(v.number()) }),
      output: v.object({ count: v.number() }),
      annotations: { readOnlyHint: true },
      run: ({ of }) => {
        calls.push(of);
        if (of === "b" && calls.length === 2) throw new InputError("invalid_input", "not yet");
        return { count: calls.length };
      },
    });
    await using app = await createApp({ tools: [step], config });
    const nodes = [
      { id: "a", tool: "step", input: { of: "a" } },
      { id: "b", tool: "step", input: { of: "b", after: "$a.result.count" } },
      { id: "c", tool: "step", input: { of: "c", after: "$b.result.count" } },
    ];
    const ended = async (workflowId: unknown): Promise<unknown> =>
      (await told(app, "get_result", { workflowId, waitMs: 10_000 })).state;
    const first = await told(app, "submit", { workflow: { name: "w", nodes } });
    assertEquals([await ended(first.workflowId), calls.join("")], ["failed", "ab"]);

    const { workflowId } = first;
    const second = await told(app, "reschedule", { workflowId, from: "failed" });
    assertEquals(await ended(second.workflowId), "done");
    const again = { workflowId: second.workflowId, action: "reschedule", node: "c" };
    const third = await told(app, "coordinate", again);
    assertEquals(await ended(third.workflowId), "done");

    assertEquals([second.reused, third.reused], [["a"], ["a", "b"]]);
    assertEquals(calls.join(""), "abbcc");
    const unknown = told(app, "reschedule", { workflowId, from: "d" });
    await assertRejects(() => unknown, InputError, 'no node "d": it has a, b, c');
  });

  it("says why where workflows are switched off", async () => {
    const off = { ...config, features: { workflow: false } };
    await using app = await createApp({ tools: [add], config: off });

    const submit = told(app, "submit", { workflow: sums });

    await assertRejects(() => submit, UnavailableError, "features.workflow is off");
  });
});
