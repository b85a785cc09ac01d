/** A workflow as a mermaid flowchart, which GitHub and many editors draw. @module */

import type { NodeKind, WorkflowDag, WorkflowNodeInfo } from "../../registry/workflows.ts";
import { CRITICAL, LIGHT } from "./colours.ts";
import { clean, clip, edgesOf, MARKS, NODE_STATES, statusOf, whatOf } from "./facts.ts";

const BOX = ["[", "]"] as const;

const SHAPES: Readonly<Record<NodeKind, readonly [open: string, close: string]>> = {
  tool: BOX,
  map: BOX,
  collect: BOX,
  loop: BOX,
  branch: ["{", "}"],
  wait: ["([", "])"],
  sub: ["[[", "]]"],
};

/** What one line of a label may take. */
const LABEL_LENGTH = 60;

/**
 * What means nothing to mermaid, nor to the Markdown it reads labels as since version 11 (where
 * `a.b@c.d` would be a link and `- x` a list); anything else becomes a code such as `#35;`.
 */
const SPECIAL = /(?<![\p{L}\p{N}])[_-]|[_-](?![\p{L}\p{N}])|[^\p{L}\p{N} _,·…✓✗●○⏸–/-]/gu;

const escapeLabel = (text: string): string =>
  clip(clean(text), LABEL_LENGTH).replaceAll(SPECIAL, (found) => `#${found.codePointAt(0)};`);

function drawNode(node: WorkflowNodeInfo, at: number): string {
  const [open, close] = SHAPES[node.kind] ?? BOX;
  const lines = [node.id, whatOf(node), `${MARKS[node.state]} ${statusOf(node)}`];
  return `  n${at}${open}"${lines.map(escapeLabel).join("<br/>")}"${close}:::${node.state}`;
}

function drawClasses({ nodes }: WorkflowDag): readonly string[] {
  const states = new Set(nodes.map(({ state }) => state));
  return NODE_STATES.filter((state) => states.has(state)).map((state) => {
    const { fill, line, text } = LIGHT[state];
    return `  classDef ${state} fill:${fill},stroke:${line},color:${text}`;
  });
}

/** The text of a flowchart; nodes are `n0`, `n1`, …, as an id such as `end` is a word of mermaid. */
export function drawMermaid(dag: WorkflowDag): string {
  const edges = edgesOf(dag);
  const critical = edges.flatMap(({ isCritical }, at) => (isCritical ? [at] : []));
  const { name, state } = dag.workflow;
  return [
    "---",
    // JSON is YAML.
    `title: ${JSON.stringify(`${clean(name)} (${state})`)}`,
    "---",
    "flowchart TD",
    ...dag.nodes.map(drawNode),
    ...edges.map(({ from, to }) => `  n${from} --> n${to}`),
    ...drawClasses(dag),
    ...(critical.length === 0
      ? []
      : [`  linkStyle ${critical.join(",")} stroke:${CRITICAL.light},stroke-width:3px`]),
    "",
  ].join("\n");
}
