/**
 * A workflow as a picture that stands alone: no font, script or image from elsewhere.
 *
 * @module
 */

import { InputError } from "../../errors.ts";
import type { WorkflowDag, WorkflowInfo } from "../../registry/workflows.ts";
import {
  clean,
  edgesOf,
  elapsedOf,
  formatCounts,
  formatSpan,
  formatTime,
  isOver,
  NODE_STATES,
} from "./facts.ts";
import { layOut, type Point } from "./layout.ts";
import { type Box, boxOf, drawBox, escapeXml, widthOf } from "./svg-box.ts";
import { ARROWS, drawMark, STYLE_SHEET } from "./svg-style.ts";

/** Nodes that a picture holds; in a larger one nobody would find anything. */
export const SVG_NODE_LIMIT = 2_000;

const MARGIN = 28;
const KEY_GAP = 22;
const NAME_LENGTH = 80;

interface Header {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** `running · since 2026-11-20 12:00:05 UTC`. */
function timesOf(workflow: WorkflowInfo): string {
  const { state, submittedAt } = workflow;
  const elapsed = elapsedOf(workflow);
  return elapsed === undefined
    ? `${state} · since ${formatTime(submittedAt)}`
    : `${state} ${isOver(state) ? "in" : "after"} ${formatSpan(elapsed)} · ${formatTime(submittedAt)}`;
}

/** The title, a line of state and time, and a key of the marks that the picture holds. */
function drawHeader({ workflow, criticalPath }: WorkflowDag): Header {
  const name = clean(workflow.name);
  const title = [...name].length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name;
  const times = timesOf(workflow);
  let x = MARGIN;
  const keys = NODE_STATES.flatMap((state) => {
    const count = workflow.counts[state];
    if (!count) return [];
    const label = `${count} ${state}`;
    const svg =
      `<g class="${state}">${drawMark(state, x + 7, 91, 0.7)}</g>` +
      `<text class="key" x="${x + 20}" y="95.5">${label}</text>`;
    x += Math.ceil(20 + widthOf(label, 12.5) + KEY_GAP);
    return [svg];
  });
  if (criticalPath.length > 1) {
    keys.push(
      `<path class="edge critical" d="M${x} 91h22"/><text class="key" x="${x + 29}" y="95.5">critical path</text>`,
    );
    x += Math.ceil(29 + widthOf("critical path", 12.5));
  }
  const svg =
    `<text class="name" x="${MARGIN}" y="42">${escapeXml(title)}</text>` +
    `<text class="faint" x="${MARGIN}" y="65">${escapeXml(times)}</text>${keys.join("")}`;
  const width = Math.max(x, MARGIN + widthOf(title, 21.5), MARGIN + widthOf(times, 12.5));
  return { svg, width: Math.ceil(width) - MARGIN, height: 124 };
}

function describe(dag: WorkflowDag): string {
  const { workflow, nodes, criticalPath } = dag;
  const critical = criticalPath.length > 1 ? ` Critical path: ${criticalPath.join(", ")}.` : "";
  const counts = formatCounts(workflow);
  return `${nodes.length} nodes${counts === "" ? "" : `: ${counts}`}.${critical}`;
}

const drawEdge = (d: string, isCritical: boolean): string =>
  isCritical
    ? `<path class="edge critical" d="${d}" marker-end="url(#wf-arrow-critical)"/>`
    : `<path class="edge" d="${d}" marker-end="url(#wf-arrow)"/>`;

function assertDrawable(count: number): void {
  if (count <= SVG_NODE_LIMIT) return;
  throw new InputError(
    "invalid_input",
    `A picture holds up to ${SVG_NODE_LIMIT} nodes and this workflow has ${count}; ask for the format "json" or "dot"`,
    { data: { nodes: count, limit: SVG_NODE_LIMIT } },
  );
}

/** The text of an SVG file; light or dark as its reader prefers. */
export async function drawSvg(dag: WorkflowDag): Promise<string> {
  assertDrawable(dag.nodes.length);
  const edges = edgesOf(dag);
  const boxes: readonly Box[] = dag.nodes.map(boxOf);
  const layout = await layOut(
    boxes.map(({ width }) => width),
    edges,
  );
  const header = drawHeader(dag);
  const width = Math.ceil(Math.max(layout.width, header.width)) + 2 * MARGIN;
  const height = Math.ceil(header.height + layout.height) + MARGIN;
  const left = Math.round((width - layout.width) / 2);
  const at = (index: number): Point => layout.centres[index] ?? { x: 0, y: 0 };
  // Thick arrows last, so that they lie on top of the others.
  const arrows = edges
    .map(({ isCritical }, index) => ({ isCritical, d: layout.paths[index] ?? "" }))
    .sort((one, other) => Number(one.isCritical) - Number(other.isCritical));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="wf" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(`Workflow ${dag.workflow.name}: ${timesOf(dag.workflow)}`)}</title>`,
    `<desc>${escapeXml(describe(dag))}</desc>`,
    `<style>${STYLE_SHEET}</style>`,
    `<defs>${ARROWS}</defs>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    header.svg,
    `<g transform="translate(${left} ${header.height})">`,
    ...arrows.map(({ d, isCritical }) => drawEdge(d, isCritical)),
    ...boxes.map((box, index) => drawBox(box, at(index))),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}
