import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { Category } from "../../../src/registry/category.ts";
import { META_NAMES } from "../../../src/registry/meta-tools.ts";
import { acceptedName, exposeNames } from "../../../src/registry/names.ts";
import { categoryOf } from "../../support/fixtures.ts";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const none: ReadonlySet<string> = new Set();

const mounted = (name: string, ...toolNames: readonly string[]): Category =>
  categoryOf(name, [], { source: "upstream", toolNames });

const builtin = (name: string, ...toolNames: readonly string[]): Category =>
  categoryOf(name, [], { toolNames });

const shown = (categories: readonly Category[], reserved = none): string[] => [
  ...exposeNames(categories, reserved).keys(),
];

describe("acceptedName()", () => {
  it("leaves a good name as it is and makes a good one of any other", () => {
    assertEquals(acceptedName("read_file-2"), "read_file-2");
    assertMatch(acceptedName("read file"), /^read_file_[0-9a-z]{7}$/);
    assertMatch(acceptedName(""), NAME);
    assertEquals(acceptedName("x".repeat(64)), "x".repeat(64));
    assertEquals(acceptedName("x".repeat(65)).length, 64);
  });

  it("keeps different names different", () => {
    assertNotEquals(acceptedName("a b"), acceptedName("a.b"));
    assertNotEquals(acceptedName(`${"x".repeat(80)}1`), acceptedName(`${"x".repeat(80)}2`));
  });
});

describe("exposeNames()", () => {
  it("qualifies mounted tools of one name and leaves the others alone", () => {
    assertEquals(
      shown([mounted("gitlab", "search", "merge"), mounted("github", "search", "fork")]),
      ["github_search", "fork", "gitlab_search", "merge"],
    );
  });

  it("never gives a built-in or reserved name away", () => {
    const names = exposeNames(
      [mounted("evil", "read", "dispatch", "list_tools"), builtin("files", "read")],
      META_NAMES,
    );

    assertEquals(names.get("read"), { category: "files", own: "read" });
    assertEquals(names.get("evil_read"), { category: "evil", own: "read" });
    assert(!names.has("dispatch") && names.has("evil_dispatch"));
  });

  it("gives no qualified name that is reserved or taken", () => {
    // `list` + `tools` would be `list_tools`; `a` + `b_c` and `a_b` + `c` would both be `a_b_c`.
    const clash = [mounted("list", "tools"), mounted("other", "tools")];
    const meeting = [mounted("a", "b_c"), mounted("a_b", "c"), mounted("z", "c", "b_c")];

    assert(!shown(clash, META_NAMES).includes("list_tools"));
    assertEquals(exposeNames(clash, META_NAMES).size, 2);
    assertEquals(exposeNames(meeting, none).size, 4);
  });

  it("exposes every tool once, under a valid name, whatever the catalog and its order", () => {
    const word = fc.oneof(
      fc.constantFrom("a", "b", "c", "a_b", "b_c", "list", "tools", "list_tools", "dispatch"),
      fc.string({ maxLength: 90 }),
    );
    const catalog = fc.uniqueArray(
      fc.record({
        name: word.filter((name) => name !== ""),
        toolNames: fc.uniqueArray(word, { maxLength: 6 }),
        source: fc.constantFrom("builtin" as const, "upstream" as const),
      }),
      { maxLength: 6, selector: ({ name }) => name },
    );
    const property = fc.property(catalog, fc.infiniteStream(fc.nat()), (facts, picks) => {
      const categories = facts.map(({ name, ...more }) => categoryOf(name, [], more));
      const names = exposeNames(categories, META_NAMES);

      const targets = [...names.values()].map(({ category, own }) => `${category}\n${own}`);
      const wanted = facts.flatMap(({ name, toolNames }) =>
        toolNames.map((own) => `${name}\n${own}`),
      );
      assertEquals(targets.toSorted(), wanted.toSorted());
      for (const name of names.keys()) {
        assertMatch(name, NAME);
        assert(!META_NAMES.has(name), name);
      }

      // Mounted servers come in any order; the catalog's own order is fixed.
      const isMounted = ({ source }: Category): boolean => source === "upstream";
      const shuffled = categories
        .filter(isMounted)
        .map((category) => ({ category, key: picks.next().value }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ category }) => category);
      const own = categories.filter((category) => !isMounted(category));
      assertEquals([...exposeNames([...shuffled, ...own], META_NAMES)], [...names]);
    });
    fc.assert(property, { seed: 20_261_120, numRuns: 500 });
  });
});
