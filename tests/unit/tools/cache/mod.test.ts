import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { cacheDelete } from "../../../../tools/cache/delete.ts";
import { cacheGet } from "../../../../tools/cache/get.ts";
import { cacheList } from "../../../../tools/cache/list.ts";
import { cacheSet } from "../../../../tools/cache/set.ts";
import { cacheStats } from "../../../../tools/cache/stats.ts";
import { createToolScene } from "../../../support/tool-context.ts";

describe("the cache's tools", () => {
  it("store, read and delete a value", async (t) => {
    const { run } = await createToolScene(t);
    const entry = { key: "a", sizeBytes: 8, storedAt: "2026-01-01T00:00:00.000Z" };

    assertEquals(await run(cacheSet, { key: "a", value: { b: 1 } }), entry);
    assertEquals(await run(cacheGet, { key: "a" }), { found: true, value: { b: 1 }, entry });
    assertEquals(await run(cacheDelete, { key: "a" }), { deleted: true });
    assertEquals(await run(cacheDelete, { key: "a" }), { deleted: false });
    assertEquals(await run(cacheGet, { key: "a" }), { found: false });
  });

  it("tell a stored null from nothing", async (t) => {
    const { run } = await createToolScene(t);
    await run(cacheSet, { key: "a", value: null });

    const got = (await run(cacheGet, { key: "a" })) as { found: boolean; value: unknown };
    assertEquals([got.found, got.value], [true, null]);
  });

  it("forget a value when its time is over", async (t) => {
    const { run, clock } = await createToolScene(t);
    await run(cacheSet, { key: "a", value: 1, ttlMs: 1000 });
    await clock.advance(1000);

    assertEquals(await run(cacheGet, { key: "a" }), { found: false });
  });

  it("list in pages until there are no more", async (t) => {
    const { run } = await createToolScene(t);
    for (const key of ["r/1", "r/2", "r/3", "s"]) await run(cacheSet, { key, value: 0 });
    const page = async (cursor?: string): Promise<unknown> => {
      const found = await run(cacheList, { prefix: "r/", limit: 2, ...(cursor && { cursor }) });
      const { entries, nextCursor } = found as {
        entries: readonly { key: string }[];
        nextCursor?: string;
      };
      return [entries.map(({ key }) => key), nextCursor];
    };

    assertEquals(await page(), [["r/1", "r/2"], "r/2"]);
    assertEquals(await page("r/2"), [["r/3"], undefined]);
  });

  it("count what happened", async (t) => {
    const { run } = await createToolScene(t, { cacheLimits: { maxEntries: 1, maxSizeBytes: 50 } });
    await run(cacheSet, { key: "a", value: 1 });
    await run(cacheSet, { key: "b", value: 1 });
    await run(cacheGet, { key: "a" });
    await run(cacheGet, { key: "b" });

    assertEquals(await run(cacheStats, {}), {
      entries: 1,
      sizeBytes: 2,
      maxEntries: 1,
      maxSizeBytes: 50,
      hits: 1,
      misses: 1,
      evictions: 1,
      expirations: 0,
    });
  });

  it("refuse what cannot be stored", async (t) => {
    const { run } = await createToolScene(t);

    await assertRejects(() => run(cacheSet, { key: "a", value: "x".repeat(200_000) }), ToolError);
    assertThrows(() => cacheSet.parse({ key: "", value: 1 }), InputError, "/key");
    assertThrows(() => cacheSet.parse({ key: "a", value: 1, ttlMs: 0 }), InputError, "/ttlMs");
    assertThrows(() => cacheSet.parse({ key: "a", value: 1, ttl: 5 }), InputError, "ttlMs");
    assertThrows(() => cacheSet.parse({ key: "a" }), InputError, "/value");
  });
});
