import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { mayName, seesCategory, seesTool } from "../../../src/registry/visibility.ts";
import { callerOf } from "../../support/callers.ts";

const toolWith = (annotations: Tool["annotations"]): Tool =>
  defineTool({ name: "x", description: "X", input: v.object({}), annotations, run: () => 1 });

const reading = toolWith({ readOnlyHint: true });
const writing = toolWith({ destructiveHint: false });
/** What says nothing of itself may destroy: MCP's own default. */
const silent = toolWith({});

describe("seesTool()", () => {
  it("lets a grant reach as far as it says, and no further", () => {
    const seen = (["read", "write", "destructive"] as const).map((access) =>
      [reading, writing, silent].map((tool) => seesTool(callerOf("*", access), "files", tool)),
    );

    assertEquals(seen, [
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  it("keeps to the categories of the grant", () => {
    const caller = callerOf(["files"]);

    assertEquals(seesCategory(caller, "files"), true);
    assertEquals(seesCategory(caller, "admin"), false);
    assertEquals(seesTool(caller, "admin", reading), false);
    assertEquals(seesCategory(callerOf("*"), "admin"), true);
  });
});

describe("mayName()", () => {
  it("names a tool that is not loaded only to who may go as far as any tool", () => {
    assertEquals(mayName(callerOf("*", "write"), "files", undefined), false);
    assertEquals(mayName(callerOf("*", "destructive"), "files", undefined), true);
    assertEquals(mayName(callerOf(["text"], "destructive"), "files", undefined), false);
    assertEquals(mayName(callerOf("*", "read"), "files", reading), true);
    assertEquals(mayName(callerOf("*", "read"), "files", silent), false);
  });
});
