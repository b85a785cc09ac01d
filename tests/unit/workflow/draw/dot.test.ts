/** Workflows in the language of Graphviz. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { drawDot } from "../../../../src/workflow/draw/dot.ts";
import { chainOf, HOSTILE_DAG, SAMPLE } from "./sample-dag.ts";

describe("drawDot()", () => {
  it("draws nodes with their words, shapes and colours", () => {
    const text = drawDot(SAMPLE);
    assertMatch(text, /^digraph "nightly" \{\n/);
    assertMatch(text, /\n\}\n$/);
    assertStringIncludes(
      text,
      '  n0 [label="fetch\\nhttp_get\\n✓ done, 1.4 s", shape=box, style="rounded,filled", ' +
        'fillcolor="#e6f6ec", color="#1a7f42", fontcolor="#10301d"];\n',
    );
    assertMatch(text, / n1 \[label="is_large\\nbranch\\n✓ done, 2 ms", shape=diamond,/);
    assertMatch(text, / n4 \[label="release[^"]*", shape=ellipse,/);
    assertMatch(text, / n5 \[label="end[^"]*",.* peripheries=2,/);
    assertStringIncludes(text, "2 done, 1 running, 1 waiting, 1 pending, 1 skipped");
  });

  it("draws the critical path thick", () => {
    const edges = drawDot(SAMPLE).match(/^ {2}n\d+ -> .*$/gm);
    const thick = ' [color="#c2470a", penwidth=3]';
    assertEquals(edges, [
      `  n0 -> n1${thick};`,
      `  n1 -> n2${thick};`,
      "  n1 -> n3;",
      "  n0 -> n4;",
      `  n2 -> n5${thick};`,
      "  n4 -> n5;",
    ]);
  });

  it("keeps every text inside its quotes", () => {
    const lines = drawDot(HOSTILE_DAG).trimEnd().split("\n");
    assertEquals(lines.length, 8);
    for (const line of lines) {
      const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"/g, "T");
      assertMatch(bare, /^(?:digraph T \{|\}| {2}\w+(?: -> n\d+)?(?: \[[\w=T, ]+\])?;)$/);
      // No escape but those written here: a quote, a backslash, the end of a line.
      assertEquals(line.replaceAll(/\\["\\n]/g, "").includes("\\"), false, line);
    }
    assertStringIncludes(lines.join(), "a\\\"]b c<script>alert('1')</script>&amp;d#quot;e\\\\N`");
  });

  it("draws more nodes than a picture holds", () => {
    assertEquals(drawDot(chainOf(2_500)).match(/ -> /g)?.length, 2_499);
  });
});
