/** The suite that every {@link Store} passes. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { InputError } from "../../src/errors.ts";
import type { ScanOptions, Store, Write } from "../../src/storage/store.ts";

/** How the suite gets its subject. */
export interface StoreSubject {
  /** A new, empty store. */
  open(): Promise<Store>;
  /** For durable stores: the store that was just closed, opened once more. */
  reopen?(): Promise<Store>;
}

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

async function keysOf(store: Store, options: ScanOptions): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.scan(options)) keys.push(key);
  return keys;
}

function orderOfBytes(a: string, b: string): number {
  const [left, right] = [bytes(a), bytes(b)];
  const index = left.findIndex((byte, at) => byte !== right[at]);
  return index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1);
}

const fill = (store: Store, keys: readonly string[]): Promise<void> =>
  store.write(keys.map((key) => ({ key, value: bytes(`value of ${key}`) })));

async function clear(store: Store): Promise<void> {
  const keys = await keysOf(store, { prefix: "" });
  await store.write(keys.map((key) => ({ key })));
}

function applyTo(model: Map<string, Uint8Array>, { key, value }: Write): void {
  if (value) model.set(key, new Uint8Array(value));
  else model.delete(key);
}

/** Declare the suite for one implementation. */
export function testStore(name: string, subject: StoreSubject): void {
  const withStore = (title: string, body: (store: Store) => Promise<void>): void => {
    it(title, async () => {
      const store = await subject.open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };

  describe(`${name} as a Store`, () => {
    withStore("gives back the bytes that were written", async (store) => {
      const value = new Uint8Array([0, 255, 1, 128]);
      await store.write([{ key: "a", value }]);
      assertEquals(await store.get("a"), value);
    });

    withStore("knows nothing of a key that was never written", async (store) => {
      assertEquals(await store.get("a"), undefined);
    });

    withStore("tells an empty value from no value", async (store) => {
      await store.write([{ key: "a", value: new Uint8Array() }]);
      assertEquals(await store.get("a"), new Uint8Array());
      assertEquals(await keysOf(store, { prefix: "" }), ["a"]);
    });

    withStore("accepts the empty key, and keys with zero bytes and quotes", async (store) => {
      const keys = ["", "a\0b", "a\0c", 'it\'s "quoted"', "a/б/💡"];
      await fill(store, keys);
      for (const key of keys) assertEquals(await store.get(key), bytes(`value of ${key}`));
    });

    withStore("replaces and removes", async (store) => {
      await fill(store, ["a", "b"]);
      await store.write([{ key: "a", value: bytes("new") }, { key: "b" }, { key: "absent" }]);
      assertEquals(await store.get("a"), bytes("new"));
      assertEquals(await store.get("b"), undefined);
    });

    withStore("lets the last change of a key within a batch win", async (store) => {
      await store.write([{ key: "a", value: bytes("1") }, { key: "a" }]);
      await store.write([{ key: "b" }, { key: "b", value: bytes("2") }]);
      assertEquals(await keysOf(store, { prefix: "" }), ["b"]);
    });

    withStore("does not share memory with its callers", async (store) => {
      const value = bytes("before");
      await store.write([{ key: "a", value }]);
      value.fill(0);
      (await store.get("a"))?.fill(0);
      assertEquals(await store.get("a"), bytes("before"));
    });

    withStore("scans a prefix in order, and nothing else", async (store) => {
      await fill(store, ["b/2", "a", "b/10", "b", "c", "b/1", "b0"]);
      assertEquals(await keysOf(store, { prefix: "b/" }), ["b/1", "b/10", "b/2"]);
    });

    withStore("orders keys by their UTF-8 bytes, not by UTF-16 units", async (store) => {
      // U+FFFD is a larger unit than the first half of U+1F4A1, but fewer bytes.
      const keys = ["\u{1F4A1}", "\uFFFD", "é", "z", "z\uFFFD", "z\u{1F4A1}"];
      await fill(store, keys);
      assertEquals(await keysOf(store, { prefix: "" }), keys.toSorted(orderOfBytes));
    });

    withStore("continues after a key, whether that key exists or not", async (store) => {
      await fill(store, ["a/1", "a/2", "a/3", "b/1"]);
      assertEquals(await keysOf(store, { prefix: "a/", after: "a/1" }), ["a/2", "a/3"]);
      assertEquals(await keysOf(store, { prefix: "a/", after: "a/1x" }), ["a/2", "a/3"]);
      assertEquals(await keysOf(store, { prefix: "a/", after: "" }), ["a/1", "a/2", "a/3"]);
      assertEquals(await keysOf(store, { prefix: "a/", after: "b" }), []);
    });

    withStore("stops at the limit", async (store) => {
      await fill(store, ["a", "b", "c"]);
      assertEquals(await keysOf(store, { prefix: "", limit: 2 }), ["a", "b"]);
      assertEquals(await keysOf(store, { prefix: "", limit: 0 }), []);
    });

    withStore("scans more keys than any page holds, while keys come and go", async (store) => {
      const keys = Array.from({ length: 600 }, (_, index) => String(index).padStart(4, "0"));
      await fill(store, keys);
      const seen: string[] = [];
      for await (const { key } of store.scan({ prefix: "" })) {
        seen.push(key);
        await store.write([{ key }]);
      }
      assertEquals(seen, keys);
      assertEquals(await keysOf(store, { prefix: "" }), []);
    });

    withStore("writes all of a batch or none of it", async (store) => {
      await store.write([{ key: "a", value: bytes("old") }]);
      const batch = [{ key: "a", value: bytes("new") }, { key: "half \uD800" }];
      await assertRejects(() => store.write(batch), InputError, "surrogate");
      assertEquals(await store.get("a"), bytes("old"));
    });

    withStore("keeps many writes that were started together", async (store) => {
      const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
      await Promise.all(keys.map((key) => fill(store, [key])));
      assertEquals((await keysOf(store, { prefix: "k" })).length, 200);
    });

    withStore("agrees with a plain map on any series of changes", async (store) => {
      const key = fc.oneof(fc.constantFrom("a", "ab", "b", ""), fc.string({ unit: "binary" }));
      const write = fc.record({ key, value: fc.uint8Array() }, { requiredKeys: ["key"] });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(write)), key, async (batches, prefix) => {
          await clear(store);
          const model = new Map<string, Uint8Array>();
          for (const batch of batches) {
            await store.write(batch);
            for (const change of batch) applyTo(model, change);
          }
          const expected = [...model.keys()].filter((known) => known.startsWith(prefix));
          assertEquals(await keysOf(store, { prefix }), expected.toSorted(orderOfBytes));
          for (const [known, value] of model) assertEquals(await store.get(known), value);
        }),
        { numRuns: 40, seed: 20260101 },
      );
    });

    const { reopen } = subject;
    if (!reopen) return;

    it("still holds everything after it was closed and opened again", async () => {
      const first = await subject.open();
      await fill(first, ["a", "b"]);
      const unawaited = fill(first, ["c"]);
      await first.close();
      await unawaited;
      const second = await reopen();
      assertEquals(await keysOf(second, { prefix: "" }), ["a", "b", "c"]);
      await second.close();
    });

    it("refuses work after it was closed, and may be closed twice", async () => {
      const store = await subject.open();
      await store.close();
      await store.close();
      const error = await assertRejects(() => store.get("a"), Error, "is closed");
      assert("code" in error && error.code === "storage_unavailable");
    });
  });
}
