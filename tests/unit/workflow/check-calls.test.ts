import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { checkCall } from "../../../src/workflow/check-calls.ts";

const schema = {
  type: "object",
  properties: { key: { type: "string" }, count: { $ref: "#/$defs/count" } },
  required: ["key"],
  additionalProperties: false,
  $defs: { count: { type: "integer", minimum: 0 } },
};
const check = (input: Readonly<Record<string, unknown>>): void =>
  checkCall({ tool: "put", input }, schema, ["nodes", 0]);
const refusal = (input: Readonly<Record<string, unknown>>): unknown =>
  assertThrows(() => check(input), InputError).data.path;

describe("checkCall()", () => {
  it("takes what matches, and what is not known before the run", () => {
    check({ key: "a", count: 3 });
    check({ key: "$other.result.key", count: "$other.result.count" });
  });

  it("refuses what lacks, what is too much, and what does not match, with its place", () => {
    assertEquals(refusal({ count: 1 }), "/nodes/0/input");
    assertEquals(refusal({ key: "a", colour: 1 }), "/nodes/0/input/colour");
    assertEquals(refusal({ key: "a", count: -1 }), "/nodes/0/input/count");
    assertEquals(refusal({ key: 5 }), "/nodes/0/input/key");
  });
});
