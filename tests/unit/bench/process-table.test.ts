import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { descendantsOf, parseStat } from "../../../bench/process-table.ts";

const stat = (pid: number, name: string, parent: number, user: number, system: number): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 0 9 9 9 9 ${user} ${system} 3 4 20 0 11 0 100 0 0`;

describe("parseStat()", () => {
  it("adds user and system time, in ms", () => {
    assertEquals(parseStat(stat(42, "node", 7, 150, 25)), { pid: 42, parent: 7, cpuMs: 1750 });
  });

  it("reads past a program's name with spaces and brackets", () => {
    assertEquals(parseStat(stat(42, "a (b) 9 c", 7, 1, 0)).parent, 7);
  });
});

describe("descendantsOf()", () => {
  it("finds children and their children, and nobody else", () => {
    const processes = [stat(1, "a", 0, 0, 0), stat(2, "b", 1, 1, 0), stat(3, "c", 2, 2, 0)].map(
      parseStat,
    );
    const strangers = [stat(9, "x", 8, 5, 5)].map(parseStat);
    const found = descendantsOf(1, [...processes, ...strangers]);
    assertEquals(
      found.map(({ pid }) => pid),
      [2, 3],
    );
  });
});
