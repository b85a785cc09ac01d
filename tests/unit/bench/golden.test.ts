import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { goldenQueries, goldenTools, heldOutQueries } from "../../../bench/golden/catalog.ts";

const nameOf = ({ server, name }: { server: string; name: string }): string => `${server}/${name}`;

const allQueries = [...goldenQueries, ...heldOutQueries];

describe("the golden search set", () => {
  it("holds at least 100 tools and 60 queries", () => {
    assert(goldenTools.length >= 100, `${goldenTools.length} tools`);
    assert(goldenQueries.length >= 60, `${goldenQueries.length} queries`);
  });

  it("names every tool and every query once", () => {
    assertEquals(new Set(goldenTools.map(nameOf)).size, goldenTools.length);
    assertEquals(new Set(allQueries.map(({ query }) => query)).size, allQueries.length);
  });

  it("records where each tool comes from and an object schema for its input", () => {
    const broken = goldenTools.filter(
      (tool) => !tool.package || !/^\d/.test(tool.version) || tool.inputSchema.type !== "object",
    );
    assertEquals(broken.map(nameOf), []);
  });

  it("accepts one to three recorded tools for every query", () => {
    const known = new Set(goldenTools.map(nameOf));
    for (const { query, tools } of allQueries) {
      assert(tools.length >= 1 && tools.length <= 3, query);
      assertEquals(
        tools.filter((tool) => !known.has(tool)),
        [],
        query,
      );
    }
  });

  it("asks in other words than the description of what it looks for", () => {
    const plain = (text: string): string =>
      text
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, " ")
        .trim();
    const descriptions = goldenTools.map(({ description }) => plain(description));
    const copied = allQueries.filter(({ query }) => {
      const words = plain(query);
      return words.split(" ").length > 3 && descriptions.some((text) => text.includes(words));
    });
    assertEquals(copied, []);
  });
});
