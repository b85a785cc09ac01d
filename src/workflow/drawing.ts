/** A run's graph as a text; each drawing is loaded by the first who wants it. @module */

import type { WorkflowDag } from "../registry/workflows.ts";

/** Draw it in that format. */
export async function drawDag(
  dag: WorkflowDag,
  format: "mermaid" | "dot" | "svg",
): Promise<string> {
  switch (format) {
    case "mermaid":
      return (await import("./draw/mermaid.ts")).drawMermaid(dag);
    case "dot":
      return (await import("./draw/dot.ts")).drawDot(dag);
    case "svg":
      return (await import("./draw/svg.ts")).drawSvg(dag);
  }
}
