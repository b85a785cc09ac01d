import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { parseWorkflow } from "../../../src/workflow/written.ts";

/** Where, and with which words, a node is refused. */
function refusal(node: object): readonly [unknown, string] {
  const workflow = { name: "w", nodes: [node] };
  const { data, message } = assertThrows(() => parseWorkflow(workflow), InputError);
  return [data.path, message];
}

describe("parseWorkflow()", () => {
  it("fills in what is not written", () => {
    const { nodes } = parseWorkflow({ name: "w", nodes: [{ id: "a", tool: "t" }] });

    assertEquals(nodes, [
      { id: "a", work: { kind: "tool", tool: "t" }, after: [], join: "all_success" },
    ]);
  });

  it("refuses a node that does nothing, or two things", () => {
    assertMatch(refusal({ id: "a" })[1], /\/nodes\/0 has nothing to do: give one of tool, map/);
    assertMatch(refusal({ id: "a", tool: "t", collect: 1 })[1], /tool and collect at once/);
  });

  it("refuses a word that it does not know, at its place", () => {
    assertEquals(refusal({ id: "a", tool: "t", afer: [] }), [
      "/nodes/0/afer",
      "/nodes/0/afer is not known here",
    ]);
    assertEquals(refusal({ id: "A!", tool: "t" })[0], "/nodes/0/id");
  });

  it("refuses what would be heeded by nobody", () => {
    assertMatch(
      refusal({ id: "m", map: { over: [], node: { tool: "t" } }, timeoutMs: 5 })[1],
      /timeoutMs belongs to a tool, and this node is a map: write it in map\.node/,
    );
    assertMatch(refusal({ id: "w", wait: {} })[1], /waits for nothing/);
    assertMatch(refusal({ id: "w", wait: { signal: "a", approval: "b" } })[1], /give one of them/);
  });

  it("refuses a way after the else", () => {
    const branch = [{ else: [] }, { when: "true", then: [] }];

    assertEquals(refusal({ id: "b", branch })[0], "/nodes/0/branch/0");
  });

  it("refuses workflows that are nested too deep", () => {
    let workflow: object = { name: "w", nodes: [{ id: "a", tool: "t" }] };
    for (let depth = 0; depth < 8; depth += 1) {
      workflow = { name: "w", nodes: [{ id: "s", sub: { workflow } }] };
    }

    const { message } = assertThrows(() => parseWorkflow(workflow), InputError);

    assertMatch(message, /9th workflow within another; 8 is the limit/);
  });
});
