/** Workflows as mermaid flowcharts. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { drawMermaid } from "../../../../src/workflow/draw/mermaid.ts";
import { dagOf, HOSTILE_DAG, SAMPLE } from "./sample-dag.ts";

describe("drawMermaid()", () => {
  it("draws a line for each node and each edge, and marks the critical path", () => {
    assertEquals(drawMermaid(SAMPLE).split("\n"), [
      "---",
      'title: "nightly (running)"',
      "---",
      "flowchart TD",
      '  n0["fetch<br/>http_get<br/>✓ done, 1#46;4 s"]:::done',
      '  n1{"is_large<br/>branch<br/>✓ done, 2 ms"}:::done',
      '  n2["embed<br/>map · vector_embed<br/>● running, 30/40"]:::running',
      '  n3["sketch<br/>http_get<br/>– skipped"]:::skipped',
      '  n4(["release<br/>wait<br/>⏸ waiting for approval ops, until 2026-11-21 12#58;00#58;00 UTC"]):::waiting',
      '  n5[["end<br/>sub<br/>○ pending"]]:::pending',
      "  n0 --> n1",
      "  n1 --> n2",
      "  n1 --> n3",
      "  n0 --> n4",
      "  n2 --> n5",
      "  n4 --> n5",
      "  classDef done fill:#e6f6ec,stroke:#1a7f42,color:#10301d",
      "  classDef running fill:#e1efff,stroke:#1266d4,color:#0b2545",
      "  classDef waiting fill:#fff3cf,stroke:#946200,color:#3a2a00",
      "  classDef pending fill:#f7f8fa,stroke:#7d8794,color:#2b323b",
      "  classDef skipped fill:#f3f4f6,stroke:#7d8794,color:#3d4550",
      "  linkStyle 0,1,4 stroke:#c2470a,stroke-width:3px",
      "",
    ]);
  });

  it("writes every character that could mean something as a code", () => {
    const lines = drawMermaid(HOSTILE_DAG).split("\n");
    const nodes = lines.filter((line) => line.startsWith("  n") && !line.includes("-->"));
    assertEquals(nodes.length, 2);
    for (const line of nodes) {
      const [, label = ""] = /^ {2}n\d+(?:\[|\(\[)"([^"]*)"(?:\]|\]\)):::\w+$/.exec(line) ?? [];
      assertMatch(label.replaceAll("<br/>", " "), /^(?:[\p{L}\p{N} _,·…✓✗●○⏸–/-]|#\d+;)+$/u);
    }
    assertMatch(nodes[0] ?? "", /^ {2}n0\["a#34;#93;b c#60;script#62;alert/);
    assertMatch(nodes[1] ?? "", /^ {2}n1\(\["#95;#95;proto#95;#95;<br\/>/);
  });

  it("leaves out edges to nodes that are not there, and those that are named twice", () => {
    const edges = drawMermaid(HOSTILE_DAG).match(/n\d+ --> n\d+/g);
    assertEquals(edges, ["n0 --> n1"]);
  });

  it("reads no label as a list or a link of Markdown", () => {
    const text = drawMermaid(dagOf([{ id: "a", tool: "- 1. www.x.org b@c.d snake_case" }]));
    assertMatch(text, /<br\/>#45; 1#46; www#46;x#46;org b#64;c#46;d snake_case<br\/>/);
  });

  it("draws a workflow of no nodes", () => {
    assertEquals(drawMermaid(dagOf([])), '---\ntitle: "nightly (running)"\n---\nflowchart TD\n');
  });
});
