/** Workflows on a terminal. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { drawLines, type LineStyle } from "../../../../src/workflow/draw/lines.ts";
import { dagOf, HOSTILE_DAG, SAMPLE } from "./sample-dag.ts";

const same = (text: string): string => text;
const PLAIN: LineStyle = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};
const now = Date.parse("2026-11-20T12:00:12Z");

describe("drawLines()", () => {
  it("draws the run and its nodes by their distance from a start", () => {
    assertEquals(drawLines(SAMPLE, { style: PLAIN, columns: 100, now }), [
      "nightly  running  2 done, 1 running, 1 waiting, 1 pending, 1 skipped  12 s",
      "1 ✓ fetch     http_get            1.4 s",
      "2 ✓ is_large  branch              2 ms",
      "  ⏸ release   wait                waits for approval ops, until 2026-11-21 12:00:00 UTC",
      "3 ● embed     map · vector_embed  ▓▓▓▓▓▓▓▓▓░░░ 30/40  7.0 s  attempt 2",
      "  – sketch    http_get            skipped",
      "4 ○ end       sub                 pending",
    ]);
  });

  it("says why a node and the run failed, and how long it took", () => {
    const error = { code: "tool_failed", message: "No such page" };
    const dag = dagOf(
      [
        { id: "a", state: "failed", durationMs: 20, error },
        { id: "b", reused: true, durationMs: 5 },
        { id: "c", kind: "loop", state: "running", progress: { done: 3 } },
      ],
      [],
      { state: "failed", finishedAt: "2026-11-20T12:03:00.000Z", error },
    );
    assertEquals(drawLines(dag, { style: PLAIN, columns: Number.POSITIVE_INFINITY }), [
      "nightly  failed  1 done, 1 running, 1 failed  in 3 min",
      "1 ✗ a  http_get  20 ms  No such page",
      "  ✓ b  http_get  5 ms  reused",
      "  ● c  loop      3 done",
      "✗ No such page",
    ]);
  });

  it("makes no line longer than the terminal, and shows where it cut", () => {
    for (const columns of [1, 10, 33, 40, 60]) {
      for (const line of drawLines(SAMPLE, { style: PLAIN, columns, now })) {
        assertEquals([...line].length <= columns, true, line);
      }
    }
    const [head] = drawLines(SAMPLE, { style: PLAIN, columns: 20 });
    assertEquals(head, "nightly  running  2…");
  });

  it("colours after it cut", () => {
    const style: LineStyle = {
      ...PLAIN,
      green: (text) => `<g>${text}</g>`,
      dim: (text) => `<d>${text}</d>`,
      bold: (text) => `<b>${text}</b>`,
    };
    const lines = drawLines(SAMPLE, { style, columns: 16 });
    assertEquals(lines[1], "<d>1</d><g> ✓ </g><b>fetch   </b><d>  h</d>…");
  });

  it("writes a stranger's text as one line that moves no cursor", () => {
    const lines = drawLines(HOSTILE_DAG, { style: PLAIN, columns: 400, now });
    assertEquals(lines.length, 4);
    for (const line of lines) assertMatch(line, /^[^\p{Cc}\u202e]*$/u);
  });

  it("draws a workflow of no nodes", () => {
    assertEquals(drawLines(dagOf([]), { style: PLAIN, columns: 80 }), ["nightly  running"]);
  });
});
