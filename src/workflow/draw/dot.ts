/** A workflow in the language of Graphviz, for graphs of any size. @module */

import type { NodeKind, WorkflowDag, WorkflowNodeInfo } from "../../registry/workflows.ts";
import { CRITICAL, LIGHT } from "./colours.ts";
import { clean, edgesOf, formatCounts, MARKS, statusOf, whatOf } from "./facts.ts";

const BOX = 'shape=box, style="rounded,filled"';

const SHAPES: Readonly<Record<NodeKind, string>> = {
  tool: BOX,
  map: BOX,
  collect: BOX,
  loop: BOX,
  branch: 'shape=diamond, style="filled"',
  wait: 'shape=ellipse, style="filled"',
  sub: `${BOX}, peripheries=2`,
};

/** Graphviz reads `&quot;` and `\N` in labels, so `&` and `\` are written out too. */
const escapeText = (text: string): string =>
  clean(text).replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"');

const quote = (...lines: readonly string[]): string => `"${lines.map(escapeText).join("\\n")}"`;

function drawNode(node: WorkflowNodeInfo, at: number): string {
  const { fill, line, text } = LIGHT[node.state];
  const label = quote(node.id, whatOf(node), `${MARKS[node.state]} ${statusOf(node)}`);
  const colours = `fillcolor="${fill}", color="${line}", fontcolor="${text}"`;
  return `  n${at} [label=${label}, ${SHAPES[node.kind] ?? BOX}, ${colours}];`;
}

/** The text of a digraph; nodes are `n0`, `n1`, … in the order of the graph. */
export function drawDot(dag: WorkflowDag): string {
  const { name, state } = dag.workflow;
  return [
    `digraph ${quote(name)} {`,
    `  graph [rankdir=TB, labelloc=t, label=${quote(`${name} (${state})`, formatCounts(dag.workflow))}];`,
    '  node [fontname="Helvetica", fontsize=11];',
    '  edge [color="#7d8794"];',
    ...dag.nodes.map(drawNode),
    ...edgesOf(dag).map(({ from, to, isCritical }) => {
      const look = isCritical ? ` [color="${CRITICAL.light}", penwidth=3]` : "";
      return `  n${from} -> n${to}${look};`;
    }),
    "}",
    "",
  ].join("\n");
}
