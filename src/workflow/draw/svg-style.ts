/** The looks of a picture: its style sheet, its arrow heads and the signs of the states. @module */

import type { NodeStateName } from "../../registry/workflows.ts";
import { type Colours, CRITICAL, DARK, LIGHT } from "./colours.ts";
import { NODE_STATES } from "./facts.ts";

const ruleOf = (state: NodeStateName, { fill, line, text }: Colours): string =>
  [
    `.wf .${state} .box{fill:${fill};stroke:${line}}`,
    `.wf .${state} .disc{fill:${line}}`,
    `.wf .${state} .bar{stroke:${line}}`,
    `.wf .${state} text{fill:${text}}`,
  ].join("");

interface Ground {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly edge: string;
  readonly critical: string;
  readonly sign: string;
}

const groundRules = ({ paper, ink, faint, edge, critical, sign }: Ground): string =>
  [
    `.wf .paper{fill:${paper}}.wf text{fill:${ink}}.wf .faint{fill:${faint}}`,
    `.wf .edge{stroke:${edge}}.wf .edge.critical{stroke:${critical}}`,
    `.wf .head{fill:${edge}}.wf .head.critical{fill:${critical}}`,
    `.wf .sign{stroke:${sign}}.wf .running .sign{fill:${sign}}.wf .track{stroke:${ink}}`,
  ].join("");

const LIGHT_GROUND: Ground = {
  paper: "#ffffff",
  ink: "#171b21",
  faint: "#565f6b",
  edge: "#98a1ad",
  critical: CRITICAL.light,
  sign: "#ffffff",
};
const DARK_GROUND: Ground = {
  paper: "#0d1117",
  ink: "#eef2f6",
  faint: "#9aa4b0",
  edge: "#66707c",
  critical: CRITICAL.dark,
  sign: "#0d1117",
};

const SHAPE_RULES = [
  ".wf text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}",
  ".wf .name{font-size:20px;font-weight:700}.wf .faint{font-size:12.5px}.wf .key{font-size:12.5px}",
  ".wf .id{font-size:14px;font-weight:700}.wf .what{font-size:12px;opacity:.85}",
  ".wf .took{font-size:12px;text-anchor:end}",
  ".wf .box{stroke-width:1.5}.wf .pending .box,.wf .skipped .box{stroke-dasharray:5 4}",
  ".wf .skipped .id{text-decoration:line-through}",
  ".wf .edge{fill:none;stroke-width:1.5}.wf .edge.critical{stroke-width:3.5}",
  ".wf .sign{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}",
  ".wf .box.inner{fill:none;stroke-dasharray:none;stroke-width:1}.wf .bar,.wf .track{fill:none;stroke-width:3;stroke-linecap:round}",
  ".wf .track{opacity:.15}",
].join("");

/** The style sheet; every rule begins with the picture's class, as a page may hold the picture. */
export const STYLE_SHEET: string = [
  SHAPE_RULES,
  groundRules(LIGHT_GROUND),
  ...NODE_STATES.map((state) => ruleOf(state, LIGHT[state])),
  "@media (prefers-color-scheme:dark){",
  groundRules(DARK_GROUND),
  ...NODE_STATES.map((state) => ruleOf(state, DARK[state])),
  "}",
].join("");

const arrow = (id: string, classes: string, size: number): string =>
  `<marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="${size}" ` +
  `markerHeight="${size}" markerUnits="userSpaceOnUse" orient="auto">` +
  `<path class="${classes}" d="M0 .5L10 5L0 9.5L2 5z"/></marker>`;

/** Arrow heads, for `marker-end`. */
export const ARROWS: string =
  arrow("wf-arrow", "head", 10) + arrow("wf-arrow-critical", "head critical", 14);

/** The sign of a state in a disc of radius 10 about 0,0. */
const SIGNS: Readonly<Record<NodeStateName, string>> = {
  done: "M-4.5 .5L-1.3 3.7L4.7-3.5",
  failed: "M-3.5-3.5L3.5 3.5M3.5-3.5L-3.5 3.5",
  running: "M-2.3-4.2L4.4 0L-2.3 4.2z",
  waiting: "M-2.6-3.8V3.8M2.6-3.8V3.8",
  ready: "M0-4.6V0H3.6",
  pending: "M-4.3 0h.01M0 0h.01M4.3 0h.01",
  skipped: "M-4.2-3.5L-.7 0L-4.2 3.5M.7-3.5L4.2 0L.7 3.5",
  cancelled: "M-4.2 0H4.2",
};

/** The mark of a state: a disc with its sign, so that no one needs the colour. */
export function drawMark(state: NodeStateName, x: number, y: number, scale = 1): string {
  const size = scale === 1 ? "" : ` scale(${scale})`;
  return (
    `<g transform="translate(${x} ${y})${size}"><circle class="disc" r="10"/>` +
    `<path class="sign" d="${SIGNS[state]}"/></g>`
  );
}
