import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { nearest } from "../../src/nearest.ts";

const names = ["read_file", "write_file", "list_folder", "monitoring_health"];

describe("nearest()", () => {
  it("finds what was meant in spite of typing errors, case and separators", () => {
    assertEquals(nearest("read_fiel", names)[0], "read_file");
    assertEquals(nearest("readFile", names)[0], "read_file");
    assertEquals(nearest("LIST-FOLDER", names)[0], "list_folder");
  });

  it("finds a name by a part of it", () => {
    assertEquals(nearest("health", names), ["monitoring_health"]);
    assertEquals(nearest("my_read_file_tool", names)[0], "read_file");
  });

  it("gives the best first, equal ones by name, and no more than asked for", () => {
    assertEquals(nearest("tool_d", ["tool_c", "tool_b", "tool_a", "tool_e"]), [
      "tool_a",
      "tool_b",
      "tool_c",
    ]);
    assertEquals(nearest("tool_a", ["tool_ab", "tool_a"], 1), ["tool_a"]);
  });

  it("gives nothing where nothing is near", () => {
    assertEquals(nearest("zzzzzzzzzzzz", names), []);
    assertEquals(nearest("anything", []), []);
  });

  it("does not read endless names to their end", () => {
    assertEquals(nearest("x".repeat(1_000_000), names), []);
  });
});
