/** Paths made absolute. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { absolutePath, folderOf, joinPath } from "../../../src/config/paths.ts";

describe("absolutePath()", () => {
  it("resolves what people write", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["/srv/x", "/srv/x"],
      ["docs", "/work/docs"],
      ["./docs/../notes/", "/work/notes"],
      ["../../../x", "/x"],
      ["~", "/home/ada"],
      ["~/n", "/home/ada/n"],
      ["~bob/n", "/work/~bob/n"],
      ["C:\\data\\.\\x", "C:\\data/x"],
      ["\\\\share\\x", "\\\\share/x"],
    ];
    for (const [given, expected] of cases) {
      assertEquals(absolutePath(given, "/work", "/home/ada"), expected, given);
    }
    assertEquals(absolutePath("~/n", "/work", undefined), "/work/~/n");
  });
});

describe("folderOf() and joinPath()", () => {
  it("take a path apart and put it together", () => {
    assertEquals(folderOf("/a/b.yaml"), "/a");
    assertEquals(folderOf("/b.yaml"), "/");
    assertEquals(folderOf("C:\\a\\b.yaml"), "C:\\a");
    assertEquals(joinPath("/a/", "b"), "/a/b");
    assertEquals(joinPath("/", "b"), "/b");
  });
});
