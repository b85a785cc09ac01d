import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createNamespace } from "../../../src/storage/namespace.ts";
import { testStore } from "../../contract/store.ts";

testStore("createNamespace()", {
  open: async () => createNamespace(createMemoryStore(), "any/"),
});

describe("createNamespace()", () => {
  it("keeps two namespaces of one store apart, even when one name begins with the other", async () => {
    const store = createMemoryStore();
    const one = createNamespace(store, "cache/");
    const other = createNamespace(store, "cache2/");
    await one.write([{ key: "a", value: new Uint8Array([1]) }]);
    await other.write([{ key: "a", value: new Uint8Array([2]) }]);

    const seen = await Array.fromAsync(one.scan({ prefix: "" }));

    assertEquals(seen, [{ key: "a", value: new Uint8Array([1]) }]);
    assertEquals(await store.get("cache2/a"), new Uint8Array([2]));
  });

  it("leaves the store beneath open when it is closed", async () => {
    const store = createMemoryStore();
    const part = createNamespace(store, "part/");
    await part.write([{ key: "a", value: new Uint8Array([1]) }]);

    await part.close();

    assertEquals(await store.get("part/a"), new Uint8Array([1]));
  });
});
