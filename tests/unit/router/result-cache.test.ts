import { describe, it } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { text } from "../../../src/registry/result.ts";
import { createResultCache } from "../../../src/router/result-cache.ts";
import { targetOf } from "../../support/calls.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const pure = targetOf(undefined, { routing: { cacheTtlMs: 1000 } });
const result = { content: [text("3")] };

describe("createResultCache()", () => {
  it("has keys only for tools whose results may be kept", () => {
    const cache = createResultCache(createFakeClock());

    assertEquals(cache.keyOf(targetOf(), { a: 1 }), undefined);
    assertEquals(cache.keyOf(pure, { a: 1, b: 2 }), cache.keyOf(pure, { b: 2, a: 1 }));
    assertNotEquals(cache.keyOf(pure, { a: 1 }), cache.keyOf(pure, { a: "1" }));
    assertNotEquals(cache.keyOf(pure, {}), cache.keyOf({ ...pure, category: "other" }, {}));
  });

  it("gives a result until its time is over", async () => {
    const clock = createFakeClock();
    const cache = createResultCache(clock);
    cache.put("key", result, 1000);

    await clock.advance(999);
    assertEquals(cache.get("key"), result);
    await clock.advance(1);

    assertEquals(cache.get("key"), undefined);
    assertEquals(cache.get("never"), undefined);
  });

  it("keeps no errors and no questions", () => {
    const cache = createResultCache(createFakeClock());

    cache.put("error", { ...result, isError: true }, 1000);
    cache.put("question", { ...result, resultType: "input_required" }, 1000);

    assertEquals([cache.get("error"), cache.get("question")], [undefined, undefined]);
  });

  it("lets go of what was used least recently", () => {
    const cache = createResultCache(createFakeClock(), 2);
    cache.put("a", result, 1000);
    cache.put("b", result, 1000);
    cache.get("a");

    cache.put("c", result, 1000);

    assertEquals(
      ["a", "b", "c"].map((key) => cache.get(key) !== undefined),
      [true, false, true],
    );
  });
});
