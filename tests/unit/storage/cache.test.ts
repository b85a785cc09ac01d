import { describe, it } from "node:test";
import { assertEquals, assertExists, assertRejects } from "@std/assert";
import fc from "fast-check";
import { InputError, ToolError, UnavailableError } from "../../../src/errors.ts";
import type { Cache } from "../../../src/registry/context.ts";
import { createCache } from "../../../src/storage/cache.ts";
import type { CacheLimits } from "../../../src/storage/cache-index.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Store } from "../../../src/storage/store.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Scene {
  readonly cache: Cache;
  readonly clock: FakeClock;
  readonly store: Store;
  reopen(limits?: Partial<CacheLimits>): Promise<Cache>;
}

const generous: CacheLimits = { maxEntries: 100, maxSizeBytes: 10_000 };

async function createScene(limits: Partial<CacheLimits> = {}): Promise<Scene> {
  const clock = createFakeClock();
  const store = createMemoryStore();
  const open = (more: Partial<CacheLimits> = {}): Promise<Cache> =>
    createCache({ store, now: clock.now, limits: { ...generous, ...limits, ...more } });
  return { cache: await open(), clock, store, reopen: open };
}

const keysOf = async (cache: Cache): Promise<string[]> =>
  (await cache.list({ prefix: "", limit: 1000 })).map(({ key }) => key);

const storedKeys = async (store: Store): Promise<string[]> =>
  (await Array.fromAsync(store.scan({ prefix: "" }))).map(({ key }) => key);

type Step =
  | { readonly key: string; readonly value?: string }
  | { readonly removed: string }
  | { readonly waitMs: number };

async function perform(
  step: Step,
  cache: Cache,
  clock: FakeClock,
  last: Map<string, string>,
): Promise<void> {
  if ("waitMs" in step) return clock.advance(step.waitMs);
  if ("removed" in step) return void (await cache.delete(step.removed));
  if (step.value !== undefined) {
    await cache.set(step.key, step.value);
    last.set(step.key, step.value);
    assertExists(await cache.get(step.key));
  }
  const found = await cache.get(step.key);
  if (found) assertEquals(found.value, last.get(step.key));
}

describe("createCache()", () => {
  it("gives back any JSON value, with what is known of it", async () => {
    const { cache } = await createScene();
    for (const value of [null, false, 0, "", "text", [1, [2]], { a: { b: null } }]) {
      await cache.set("key", value);
      assertEquals((await cache.get("key"))?.value, value);
    }
    assertEquals((await cache.get("key"))?.info, {
      key: "key",
      sizeBytes: 19,
      storedAt: "2026-01-01T00:00:00.000Z",
    });
    assertEquals(await cache.get("other"), undefined);
  });

  it("forgets a value when its time is over", async () => {
    const { cache, clock, store } = await createScene({ defaultTtlMs: 5000 });
    await cache.set("short", 1, { ttlMs: 1000 });
    await cache.set("usual", 2);

    await clock.advance(999);
    assertEquals((await cache.get("short"))?.value, 1);
    await clock.advance(1);

    assertEquals(await cache.get("short"), undefined);
    assertEquals(await keysOf(cache), ["usual"]);
    assertEquals(cache.stats().expirations, 1);
    await clock.advance(4000);
    assertEquals(cache.stats().entries, 0);
    await cache.set("new", 3);
    assertEquals(await storedKeys(store), ["about/new", "value/new"]);
  });

  it("lets go of the least recently used entry when there are too many", async () => {
    const { cache } = await createScene({ maxEntries: 3 });
    for (const key of ["a", "b", "c"]) await cache.set(key, key);
    await cache.get("a");

    await cache.set("d", "d");

    assertEquals(await keysOf(cache), ["a", "c", "d"]);
    assertEquals(cache.stats().evictions, 1);
  });

  it("lets go of as many entries as a large value needs", async () => {
    const { cache, store } = await createScene({ maxSizeBytes: 100 });
    for (const key of ["a", "b", "c", "d"]) await cache.set(key, "x".repeat(20));

    await cache.set("big", "x".repeat(60));

    assertEquals(await keysOf(cache), ["big", "d"]);
    assertEquals(cache.stats().sizeBytes, 65 + 23);
    assertEquals(await storedKeys(store), ["about/big", "about/d", "value/big", "value/d"]);
  });

  it("counts a replaced value once", async () => {
    const { cache } = await createScene();
    await cache.set("a", "x".repeat(50));
    await cache.set("a", "x");

    assertEquals([cache.stats().entries, cache.stats().sizeBytes], [1, 4]);
  });

  it("refuses a value that no eviction makes room for, and keeps the others", async () => {
    const { cache } = await createScene({ maxSizeBytes: 100 });
    await cache.set("a", 1);

    const error = await assertRejects(
      () => cache.set("b", "x".repeat(100)),
      ToolError,
      "103 bytes",
    );

    assertEquals(error.code, "too_large");
    assertEquals(await keysOf(cache), ["a"]);
    await assertRejects(() => cache.set("b", undefined), InputError, "must be JSON");
  });

  it("deletes, and says whether there was something", async () => {
    const { cache, store } = await createScene();
    await cache.set("a", 1);

    assertEquals([await cache.delete("a"), await cache.delete("a")], [true, false]);
    assertEquals(await storedKeys(store), []);
  });

  it("lists in order, by prefix, in pages", async () => {
    const { cache } = await createScene();
    for (const key of ["b/2", "a", "b/1", "b/3"]) await cache.set(key, 0);
    const page = async (after?: string): Promise<string[]> =>
      (await cache.list({ prefix: "b/", limit: 2, ...(after && { after }) })).map(({ key }) => key);

    assertEquals([await page(), await page("b/2")], [["b/1", "b/2"], ["b/3"]]);
  });

  it("counts hits and misses", async () => {
    const { cache } = await createScene();
    await cache.set("a", 1);
    await cache.get("a");
    await cache.get("b");

    const { hits, misses } = cache.stats();
    assertEquals([hits, misses], [1, 1]);
  });

  it("has the same entries, times and order of eviction after it was opened again", async () => {
    const { cache, clock, reopen } = await createScene({ maxEntries: 3 });
    await cache.set("a", { deep: [1] });
    await clock.advance(1);
    await cache.set("b", 2, { ttlMs: 100 });
    await clock.advance(1);
    await cache.get("a");
    await cache.set("c", 3);

    const again = await reopen();
    assertEquals((await again.get("a"))?.value, { deep: [1] });
    assertEquals(again.stats().sizeBytes, cache.stats().sizeBytes);

    const smaller = await reopen({ maxEntries: 2 });
    assertEquals(await keysOf(smaller), ["a", "c"]);
    await clock.advance(100);
    assertEquals(await keysOf(await reopen()), ["a", "c"]);
  });

  it("answers a get that comes while the value is being written", async () => {
    const { cache } = await createScene();
    await cache.set("a", "old");
    const setting = cache.set("a", "new");
    const got = await cache.get("a");
    await setting;

    assertEquals(got?.value, "new");
  });

  it("tells the writer of a failing store, and does not claim to have the value", async () => {
    const store = createMemoryStore();
    let isFull = false;
    const cache = await createCache({
      store: {
        ...store,
        get: (key) => store.get(key),
        scan: (options) => store.scan(options),
        write: async (writes) => {
          if (isFull) throw new UnavailableError("storage_unavailable", "The disk is full");
          await store.write(writes);
        },
      },
      now: () => 0,
      limits: generous,
    });
    isFull = true;
    await assertRejects(() => cache.set("a", 1), UnavailableError, "disk is full");
    isFull = false;

    assertEquals(await cache.get("a"), undefined);
    await cache.set("a", 2);
    assertEquals((await cache.get("a"))?.value, 2);
  });

  it("never exceeds its limits and never gives a wrong value, whatever is done to it", async () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e");
    const step = fc.oneof(
      fc.record({ key, value: fc.string({ maxLength: 40 }) }),
      fc.record({ key }),
      fc.record({ removed: key }),
      fc.record({ waitMs: fc.nat(50) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { cache, clock, reopen } = await createScene({
          maxEntries: 3,
          maxSizeBytes: 90,
          defaultTtlMs: 100,
        });
        const last = new Map<string, string>();
        for (const step of steps) {
          await perform(step, cache, clock, last);
          const { entries, sizeBytes } = cache.stats();
          assertEquals([entries <= 3, sizeBytes <= 90, sizeBytes >= 0], [true, true, true]);
        }
        const again = await reopen();
        assertEquals(await keysOf(again), await keysOf(cache));
        assertEquals(again.stats().sizeBytes, cache.stats().sizeBytes);
      }),
      { numRuns: 60, seed: 20260101 },
    );
  });
});
