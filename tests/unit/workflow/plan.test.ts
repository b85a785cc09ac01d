import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { planOf } from "../../../src/workflow/plan.ts";
import { parseWorkflow } from "../../../src/workflow/written.ts";

const plan = (...nodes: readonly object[]) => planOf(parseWorkflow({ name: "w", nodes }));

/** The code, the path and the sentence by which a workflow is refused. */
function refusal(...nodes: readonly object[]): readonly [string, unknown, string] {
  const { code, data, message } = assertThrows(() => plan(...nodes), InputError);
  return [code, data.path, message];
}

const a = { id: "a", tool: "add" };

describe("planOf()", () => {
  it("orders nodes by what they refer to, wherever that stands, and by after", () => {
    const { nodes, last } = plan(
      { id: "end", collect: { deep: ["$b.result.x"] }, after: ["c"] },
      { id: "b", map: { over: "$a.result", node: { tool: "add", input: { n: "$item" } } } },
      a,
      { id: "c", branch: [{ when: "$a.result.n > 1", then: [] }, { else: [] }] },
    );

    assertEquals([...nodes.keys()], ["a", "b", "c", "end"]);
    assertEquals(nodes.get("end")?.before, ["c", "b"]);
    assertEquals(last, ["end"]);
  });

  it("puts the ways of a branch after it", () => {
    const { nodes } = plan(
      { id: "way", collect: 1 },
      { id: "fork", branch: [{ when: "$input.x", then: "way" }] },
    );

    assertEquals([...nodes.keys()], ["fork", "way"]);
    assertEquals(nodes.get("way")?.gates, ["fork"]);
  });

  it("refuses two nodes of one id, and ids that mean something else", () => {
    assertEquals(refusal(a, a).slice(0, 2), ["invalid_input", "/nodes/1/id"]);
    assertEquals(refusal({ id: "input", collect: 1 })[1], "/nodes/0/id");
  });

  it("refuses what refers to no node, with the path to it", () => {
    assertEquals(refusal({ ...a, input: { list: [1, "$b.result"] } }).slice(0, 2), [
      "invalid_input",
      "/nodes/0/input/list/1",
    ]);
    assertEquals(refusal({ ...a, after: ["b"] })[1], "/nodes/0/after/0");
    assertEquals(
      refusal({ id: "f", branch: [{ when: "$x.result", then: [] }] })[1],
      "/nodes/0/branch/0/when",
    );
    assertEquals(
      refusal({ ...a, compensate: { tool: "t", input: { n: "$no.result" } } })[1],
      "/nodes/0/compensate/input/n",
    );
  });

  it("refuses $item outside of a map, and $last outside of a loop", () => {
    assertMatch(refusal({ ...a, input: { n: "$item" } })[2], /\$item, which has no meaning here/);
    const map = { over: [], node: { tool: "t", input: { n: "$last" } } };
    assertMatch(refusal({ id: "m", map })[2], /\$last, which has no meaning here/);
  });

  it("refuses a cycle, and names it", () => {
    const [code, path, message] = refusal(
      { id: "x", collect: "$z.result" },
      { id: "y", collect: "$x.result" },
      { id: "z", collect: 1, after: ["y"] },
    );

    assertEquals([code, path], ["cyclic_workflow", "/nodes/0"]);
    assertMatch(message, /x ← z ← y ← x/);
  });

  it("finds faults of workflows within", () => {
    const inner = { name: "i", nodes: [{ id: "p", collect: "$q.result" }] };

    assertEquals(
      refusal({ id: "s", sub: { workflow: inner } })[1],
      "/nodes/0/sub/workflow/nodes/0/collect",
    );
  });
});
