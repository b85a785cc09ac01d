/** docs/workflow.schema.json says what the server takes. */

import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { Validator } from "@cfworker/json-schema";
import { assertEquals, assertThrows } from "@std/assert";
import { workflowJsonSchema } from "../../../scripts/workflow-schema.ts";
import { InputError } from "../../../src/errors.ts";
import { parseWorkflow } from "../../../src/workflow/written.ts";

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

const validator = new Validator(JSON.parse(workflowJsonSchema()), "2020-12");
const isValid = (workflow: unknown): boolean => validator.validate(workflow).valid;

const call = { tool: "cache_get", input: { key: "$item" } };

const sample = {
  name: "every kind",
  nodes: [
    { id: "fetch", tool: "cache_get", input: { key: "rows" }, retry: { maxAttempts: 3 } },
    { id: "each", map: { over: "$fetch.result.value", maxParallel: 2, node: call } },
    { id: "poll", loop: { node: { tool: "cache_stats" }, until: "$last.size > 3", max: 5 } },
    { id: "gate", wait: { approval: "Go on?", timeoutMs: 1000 }, after: ["each"] },
    { id: "choose", branch: [{ when: "$gate.payload.approved", then: "in" }, { else: [] }] },
    { id: "in", sub: { workflow: { name: "inner", nodes: [{ id: "a", collect: null }] } } },
    {
      id: "all",
      collect: ["$each.results"],
      join: "all_done",
      compensate: { tool: "cache_stats" },
    },
  ],
  output: "$all.result",
};

const node = (more: object): object => ({ name: "one", nodes: [{ id: "a", ...more }] });

describe("docs/workflow.schema.json", () => {
  it("is what scripts/workflow-schema.ts writes", async () => {
    const text = await read("docs/workflow.schema.json");

    assertEquals(text, workflowJsonSchema(), "run: node scripts/workflow-schema.ts");
  });

  it("takes a workflow with every kind of node, as the server does", () => {
    assertEquals(validator.validate(sample).errors, []);
    assertEquals(parseWorkflow(sample).nodes.length, sample.nodes.length);
  });

  it("takes the workflow of the examples", async () => {
    assertEquals(isValid(JSON.parse(await read("examples/06-workflow/report.json"))), true);
  });

  const wrong: Readonly<Record<string, unknown>> = {
    "no nodes": { name: "none", nodes: [] },
    "a node that does nothing": node({}),
    "a node that does two things": node({ tool: "cache_stats", collect: 1 }),
    "a word that it does not know": node({ tool: "cache_stats", retries: 3 }),
    "an id that is no name": { name: "one", nodes: [{ id: "A b", collect: 1 }] },
    "a join that there is not": node({ collect: 1, join: "most" }),
    "a loop without an end": node({ loop: { node: call, until: "$last.done" } }),
    "a fault in a workflow within": node({ sub: { workflow: { name: "inner", nodes: [] } } }),
  };
  for (const [what, workflow] of Object.entries(wrong)) {
    it(`refuses ${what}, as the server does`, () => {
      assertEquals(isValid(workflow), false);
      assertThrows(() => parseWorkflow(workflow), InputError);
    });
  }
});
