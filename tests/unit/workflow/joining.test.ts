import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { JoinRule } from "../../../src/workflow/definition.ts";
import { joined, verdictOf } from "../../../src/workflow/joining.ts";

const before = (left: number, done: number, failed: number, skipped: number) => ({
  ...{ left, done, failed, skipped },
});

describe("verdictOf()", () => {
  for (const [rule, table] of Object.entries({
    all_success: ["run", "skip", "skip", "wait"],
    all_done: ["run", "run", "run", "wait"],
    none_failed: ["run", "skip", "run", "wait"],
    one_success: ["run", "run", "run", "run"],
  })) {
    it(`of ${rule} after two that are done; one failed; one skipped; one still runs`, () => {
      const cases = [
        before(0, 2, 0, 0),
        before(0, 1, 1, 0),
        before(0, 1, 0, 1),
        before(1, 1, 0, 0),
      ];

      assertEquals(
        cases.map((joining) => verdictOf(rule as JoinRule, joining)),
        table,
      );
    });
  }

  it("of one_success is to skip where none is left that could succeed", () => {
    assertEquals(verdictOf("one_success", before(1, 0, 1, 0)), "wait");
    assertEquals(verdictOf("one_success", before(0, 0, 1, 1)), "skip");
  });
});

describe("joined()", () => {
  it("counts a cancelled node as failed, and a way that was not taken as nothing", () => {
    const joining = before(2, 0, 0, 0);

    joined(joining, "cancelled");
    joined(joining, undefined);

    assertEquals(joining, before(0, 0, 1, 0));
  });
});
