import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { createAbsentCategory } from "../../../src/registry/absent-category.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import { createRegistry } from "../../../src/registry/registry.ts";

describe("createAbsentCategory()", () => {
  it("is listed as unavailable, and calls of its tools say why", async () => {
    const registry = createRegistry();
    registry.put(
      createAbsentCategory({
        name: "p2p_peer",
        title: "Peers",
        description: "Other servers",
        toolNames: ["p2p_peer_list"],
        reason: "this version has no mesh",
      }),
    );

    const [category] = registry.categories(localCaller);
    assertEquals(category?.availability, { available: false, reason: "this version has no mesh" });
    assertEquals(category?.toolCount, 0);
    assertEquals(await registry.list(localCaller), []);
    const error = await assertRejects(
      () => registry.resolve("p2p_peer_list", localCaller),
      UnavailableError,
    );
    assertEquals(error.code, "runtime_unavailable");
    assertEquals(
      error.message,
      'The tools of "p2p_peer" are not available: this version has no mesh',
    );
  });
});
