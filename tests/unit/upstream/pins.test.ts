import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import {
  approveTools,
  assertPinned,
  type PinBook,
  pinWarning,
  readPins,
  reviewTools,
  writePins,
} from "../../../src/upstream/pins.ts";

const tool = (name: string, description = "") => ({ name, description, inputSchema: {} });

function statesOf(book: PinBook): Record<string, string> {
  return Object.fromEntries([...book].map(([name, { state }]) => [name, state]));
}

describe("reviewTools()", () => {
  it("trusts all that a server offers when it is first seen", async () => {
    assertEquals(statesOf(reviewTools(undefined, [tool("a"), tool("b")])), {
      a: "approved",
      b: "approved",
    });
  });

  it("notices what changed, came and went later", async () => {
    const first = reviewTools(undefined, [tool("same"), tool("other"), tool("gone")]);

    const later = reviewTools(first, [tool("same"), tool("other", "New"), tool("new")]);

    assertEquals(statesOf(later), {
      same: "approved",
      other: "changed",
      new: "pending",
      gone: "removed",
    });
    assertEquals(
      pinWarning(later),
      "tools changed since they were approved: other; new and not approved: new",
    );
  });

  it("notices a change in each part that a model reads", async () => {
    const base = { ...tool("a"), title: "A", outputSchema: {}, annotations: {} };
    const first = reviewTools(undefined, [base]);
    const changes = [
      ...[{ title: "B" }, { description: "x" }, { inputSchema: { type: "object" } }],
      ...[{ outputSchema: { type: "object" } }, { annotations: { readOnlyHint: true } }],
    ];
    for (const change of changes) {
      const later = reviewTools(first, [{ ...base, ...change }]);
      assertEquals(later.get("a")?.state, "changed", JSON.stringify(change));
    }
    const cosmetic = reviewTools(first, [{ ...base, icons: [], _meta: { a: 1 } }]);
    assertEquals(cosmetic.get("a")?.state, "approved");
  });

  it("forgets neither a change that was undone nor one that was seen twice", async () => {
    const first = reviewTools(undefined, [tool("a")]);
    const changed = reviewTools(first, [tool("a", "New")]);

    assertEquals(statesOf(reviewTools(changed, [tool("a", "New")])), { a: "changed" });
    assertEquals(statesOf(reviewTools(changed, [tool("a")])), { a: "approved" });
  });

  it("does not trust a tool again because it was away", async () => {
    const first = reviewTools(undefined, [tool("a")]);
    const gone = reviewTools(first, []);

    assertEquals(statesOf(reviewTools(gone, [tool("a", "New")])), { a: "changed" });
  });

  it("believes a hash of the configuration more than what was seen", async () => {
    const seen = reviewTools(undefined, [tool("a", "New")]);
    const hash = String(seen.get("a")?.current);
    const first = reviewTools(undefined, [tool("a")]);

    const pinned = reviewTools(first, [tool("a", "New")], { a: hash });
    const wrong = reviewTools(undefined, [tool("a")], { a: hash });

    assertEquals([statesOf(pinned), statesOf(wrong)], [{ a: "approved" }, { a: "changed" }]);
  });
});

describe("approveTools()", () => {
  it("approves one tool or all", async () => {
    const first = reviewTools(undefined, [tool("a"), tool("b")]);
    const later = reviewTools(first, [tool("a", "New"), tool("b", "New")]);

    assertEquals(statesOf(approveTools(later, "a")), { a: "approved", b: "changed" });
    assertEquals(statesOf(approveTools(later)), { a: "approved", b: "approved" });
    assertEquals(pinWarning(approveTools(later)), undefined);
  });
});

describe("assertPinned()", () => {
  it("refuses what nobody approved and says how to approve it", async () => {
    const first = reviewTools(undefined, [tool("a")]);
    const later = reviewTools(first, [tool("a", "New")]);

    const error = assertThrows(
      () => assertPinned("server", "a", later.get("a")),
      IntegrityError,
      `adding "a": "${later.get("a")?.current}" to mcpServers.server.pins`,
    );

    assertEquals(error.code, "pin_changed");
    assertPinned("server", "a", first.get("a"));
    assertPinned("server", "a", undefined);
  });
});

describe("writePins()", () => {
  it("keeps the book of each server apart", async () => {
    const store = createMemoryStore();
    const book = reviewTools(undefined, [tool("a")]);

    await writePins(store, "one", book);

    assertEquals(await readPins(store, "one"), book);
    assert((await readPins(store, "two")) === undefined);
  });
});
