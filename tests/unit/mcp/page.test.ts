import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { pageOf } from "../../../src/mcp/page.ts";

const all = [0, 1, 2, 3, 4];

describe("pageOf()", () => {
  it("gives pages that together are the whole", () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = pageOf(all, cursor, 2);
      assert("items" in page);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    assertEquals(seen, all);
  });

  it("gives a short list as it is, and nothing after its end", () => {
    assertEquals(pageOf(all, undefined, 5), { items: all });
    assertEquals(pageOf(all, "at:5", 2), { items: [] });
    assertEquals(pageOf([], undefined, 2), { items: [] });
  });

  it("refuses cursors that it never gave", () => {
    for (const cursor of ["at:6", "", "at:", "at:-1", "at:1.5", "5", "at:0x1", "at:9999999999"]) {
      const page = pageOf(all, cursor, 2);
      assert("error" in page, cursor);
      assertEquals(page.error.code, -32602);
    }
  });
});
