import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import type { Row } from "../../../bench/harness.ts";
import { changesSince, formatTable, formatValue } from "../../../bench/report.ts";

const row = (subject: string, value: number, ratio: number): Row => ({
  bench: "x",
  host: "node",
  subject,
  metric: "CPU",
  value,
  unit: "µs",
  peer: "limit",
  ratio,
});

describe("formatValue()", () => {
  it("keeps three significant digits, and thousands apart", () => {
    assertEquals([0.0213, 1.5, 21.66, 340.4, 12_345].map(formatValue), [
      "0.021",
      "1.50",
      "21.7",
      "340",
      "12,345",
    ]);
  });

  it("shows what could not be measured as a dash", () => {
    assertEquals(formatValue(Number.NaN), "–");
  });
});

describe("formatTable()", () => {
  it("gives each subject a line and each metric and ratio a column", () => {
    const lines = formatTable([row("limit", 20, 1), row("ours", 30, 1.5)]).split("\n");
    assertEquals(lines.length, 3);
    assertMatch(lines[0] ?? "", /CPU µs {2}CPU × limit/);
    assertMatch(lines[2] ?? "", /^node {2}ours +30\.0 +1\.50$/);
  });
});

describe("changesSince()", () => {
  it("names ratios that moved by more than a fifth", () => {
    const accepted = [row("ours", 30, 1.5), row("other", 30, 1.5)];
    const changes = changesSince(accepted, [row("ours", 300, 1.6), row("other", 30, 1.9)]);
    assertEquals(changes, ["x node other: CPU × limit was 1.50, is 1.90"]);
  });

  it("says nothing about figures that were never accepted", () => {
    assertEquals(changesSince([], [row("ours", 30, 9)]), []);
  });
});
