import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { type DispatchTarget, parseDispatch } from "../../../src/registry/dispatch.ts";

const one = (args: unknown): DispatchTarget => {
  const dispatch = parseDispatch(args, 3);
  if (dispatch.kind !== "one") throw new Error("expected one call");
  return dispatch.target;
};

const refused = (args: unknown): InputError =>
  assertThrows(() => parseDispatch(args, 3), InputError);

describe("parseDispatch()", () => {
  it("understands every way in which models write the parameters", () => {
    const input = { a: 1, b: "two" };
    for (const args of [
      { tool: "add", params: input },
      { tool: "add", arguments: input },
      { tool: "add", args: input },
      { tool: "add", input },
      { tool: "add", params: JSON.stringify(input) },
      { tool: "add", ...input },
      JSON.stringify({ tool: "add", params: input }),
      JSON.stringify({ tool: "add", params: JSON.stringify(input) }),
    ]) {
      assertEquals(one(args), { tool: "add", input });
    }
  });

  it("takes no parameters for an empty object", () => {
    assertEquals(one({ tool: "now" }), { tool: "now", input: {} });
    assertEquals(one({ tool: "now", params: null }), { tool: "now", input: {} });
  });

  it("keeps a category that is named", () => {
    assertEquals(one({ tool: "add", category: "math", params: { a: 1 } }), {
      tool: "add",
      category: "math",
      input: { a: 1 },
    });
  });

  it("takes a parameter called like a wrapper for what it is, beside others", () => {
    assertEquals(one({ tool: "run", input: "x", mode: "fast" }).input, {
      input: "x",
      mode: "fast",
    });
  });

  it("reads a batch, also one that is text", () => {
    const calls = [{ tool: "a", params: { x: 1 } }, { tool: "b" }];
    const targets = [
      { tool: "a", input: { x: 1 } },
      { tool: "b", input: {} },
    ];

    assertEquals(parseDispatch({ calls }, 3), { kind: "batch", targets });
    assertEquals(parseDispatch({ calls: JSON.stringify(calls) }, 3), { kind: "batch", targets });
    assertEquals(one({ tool: "phone", calls: [1] }).input, { calls: [1] });
  });

  it("refuses a batch that is empty, too long or holds something else", () => {
    assertStringIncludes(refused({ calls: [] }).message, "a list of 1 to 3 calls");
    assertStringIncludes(refused({ calls: Array(4).fill({ tool: "a" }) }).message, "1 to 3");
    assertStringIncludes(refused({ calls: { tool: "a" } }).message, "1 to 3");
    const broken = refused({ calls: [{ tool: "a" }, "b"] });
    assertEquals(broken.data.path, "/calls/1");
    assertEquals(refused({ calls: [{ tool: "a" }, { params: {} }] }).data.path, "/calls/1/tool");
  });

  it("says with an example what a dispatch is", () => {
    for (const args of [undefined, null, 3, [], {}, { tool: "" }, { tool: 7 }, { params: {} }]) {
      assertStringIncludes(refused(args).message, '{"tool":"monitoring_health","params":{}}');
    }
    assertEquals(refused({ tool: "a", category: 1 }).data.path, "/category");
  });

  it("says which text is not JSON", () => {
    assertEquals(refused({ tool: "a", params: "{a:1}" }).data.path, "/params");
    assertStringIncludes(refused("not json").message, "not JSON");
  });
});
