/** One node of a picture: its shape by kind, its words cut to fit, its mark. @module */

import type { WorkflowNodeInfo } from "../../registry/workflows.ts";
import { clean, formatProgress, formatSpan, formatWait, statusOf, whatOf } from "./facts.ts";
import { BOX_HEIGHT, type Point } from "./layout.ts";
import { drawMark } from "./svg-style.ts";

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Any text, for an element or an attribute. */
export function escapeXml(text: string): string {
  return clean(text).replaceAll(/[&<>"']/g, (found) => ENTITIES.get(found) ?? "");
}

/** Share of the font size that a character takes, about; there is no canvas to measure on. */
function shareOf(character: string): number {
  if (/[iIjl.,:;|!'()[\] ftr·]/.test(character)) return 0.36;
  if (/[mwMW@%…—]/.test(character)) return 0.92;
  if (/[A-Z]/.test(character)) return 0.7;
  return character <= "\u024f" ? 0.59 : 1;
}

/** How many pixels a text takes at a font size, rather too many than too few. */
export function widthOf(text: string, fontSize: number): number {
  return [...text].reduce((sum, character) => sum + shareOf(character), 0) * fontSize;
}

/** The beginning of a text that fits; a cut shows as "…". */
function fit(text: string, fontSize: number, width: number): string {
  if (widthOf(text, fontSize) <= width) return text;
  let room = width - fontSize;
  let kept = "";
  for (const character of text) {
    room -= shareOf(character) * fontSize;
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

const ID_SIZE = 14.6;
const SMALL_SIZE = 12;
const TEXT_LEFT = 44;
const PADDING = 16;
const MIN_WIDTH = 150;
const MAX_TEXT_WIDTH = 236;

/** A node, measured. */
export interface Box {
  readonly node: WorkflowNodeInfo;
  readonly width: number;
  readonly id: string;
  readonly what: string;
  /** On the right of its name: how long it took, or how far it is. */
  readonly took: string;
}

function tookOf({ state, durationMs, progress }: WorkflowNodeInfo): string {
  if (durationMs !== undefined) return formatSpan(durationMs);
  return progress !== undefined && state === "running" ? formatProgress(progress) : state;
}

/** How wide the box of a node is, and what it says. */
export function boxOf(node: WorkflowNodeInfo): Box {
  const took = tookOf(node);
  const tookWidth = widthOf(took, SMALL_SIZE) + 18;
  const id = fit(clean(node.id), ID_SIZE, MAX_TEXT_WIDTH - tookWidth);
  const wait = node.state === "waiting" ? formatWait(node) : undefined;
  const what = fit(wait ?? whatOf(node), SMALL_SIZE, MAX_TEXT_WIDTH);
  const text = Math.max(widthOf(id, ID_SIZE) + tookWidth, widthOf(what, SMALL_SIZE));
  const width = Math.ceil(Math.max(MIN_WIDTH, TEXT_LEFT + text + PADDING) / 2) * 2;
  return { node, width, id, what, took };
}

const rect = (left: number, top: number, width: number, radius: number): string =>
  `<rect class="box" x="${left}" y="${top}" width="${width}" height="${BOX_HEIGHT}" rx="${radius}"/>`;

/** The outline: a cut-off box decides, a round one waits, a pile is many, a lined one holds a workflow. */
function outlineOf({ kind }: WorkflowNodeInfo, left: number, top: number, width: number): string {
  const right = left + width;
  const bottom = top + BOX_HEIGHT;
  const middle = top + BOX_HEIGHT / 2;
  switch (kind) {
    case "wait":
      return rect(left, top, width, BOX_HEIGHT / 2);
    case "branch":
      return `<path class="box" d="M${left + 14} ${top}H${right - 14}L${right} ${middle}L${right - 14} ${bottom}H${left + 14}L${left} ${middle}z"/>`;
    case "map":
      return rect(left + 5, top + 5, width, 9) + rect(left, top, width, 9);
    case "sub":
      return `${rect(left, top, width, 9)}<path class="box inner" d="M${left + 5} ${top + 2}V${bottom - 2}M${right - 5} ${top + 2}V${bottom - 2}"/>`;
    default:
      return rect(left, top, width, 9);
  }
}

function drawProgress(
  { state, progress }: WorkflowNodeInfo,
  left: number,
  y: number,
  width: number,
) {
  if (state !== "running" || !progress?.total) return "";
  const share = Math.min(1, Math.max(0, progress.done / progress.total));
  const filled = Math.round(share * width);
  const bar = filled === 0 ? "" : `<path class="bar" d="M${left} ${y}h${filled}"/>`;
  return `<path class="track" d="M${left} ${y}h${width}"/>${bar}`;
}

/** All that is known, for whoever points at the box. */
function hintOf(node: WorkflowNodeInfo): string {
  const { id, worker, attempts, error } = node;
  return [
    `${id}: ${whatOf(node)}`,
    statusOf(node),
    ...(worker === undefined ? [] : [`worker ${worker}`]),
    ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ...(error === undefined ? [] : [error.message]),
  ].join(" · ");
}

/** The box about a centre. */
export function drawBox({ node, width, id, what, took }: Box, { x, y }: Point): string {
  const left = Math.round(x - width / 2);
  const top = Math.round(y - BOX_HEIGHT / 2);
  const text = left + TEXT_LEFT;
  return [
    `<g class="${node.state}"><title>${escapeXml(hintOf(node))}</title>`,
    outlineOf(node, left, top, width),
    drawMark(node.state, left + 26, top + BOX_HEIGHT / 2),
    `<text class="id" x="${text}" y="${top + 25}">${escapeXml(id)}</text>`,
    `<text class="took" x="${left + width - PADDING}" y="${top + 24}">${escapeXml(took)}</text>`,
    `<text class="what" x="${text}" y="${top + 42}">${escapeXml(what)}</text>`,
    drawProgress(node, text, top + BOX_HEIGHT - 6, width - TEXT_LEFT - PADDING),
    "</g>",
  ].join("");
}
