/** A workflow on a terminal, in lines that a watcher draws again and again. @module */

import type {
  NodeStateName,
  RunStateName,
  WorkflowDag,
  WorkflowInfo,
  WorkflowNodeInfo,
} from "../../registry/workflows.ts";
import {
  clean,
  clip,
  depthsOf,
  edgesOf,
  elapsedOf,
  formatCounts,
  formatProgress,
  formatSpan,
  formatTime,
  formatWait,
  isOver,
  MARKS,
  whatOf,
} from "./facts.ts";

type Paint = (text: string) => string;

/** The colours of a terminal that the drawing uses. */
export interface LineStyle {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** How a drawing is laid out. */
export interface LineOptions {
  readonly style: LineStyle;
  /** Characters per line. */
  readonly columns: number;
  /** Time at the server, in ms since 1970; left out, what goes on shows no time. */
  readonly now?: number;
}

type Colour = keyof LineStyle;
type Piece = readonly [text: string, colour?: Colour | undefined];

const NODE_COLOURS: Readonly<Record<NodeStateName, Colour>> = {
  done: "green",
  failed: "red",
  running: "cyan",
  waiting: "yellow",
  ready: "bold",
  pending: "dim",
  skipped: "dim",
  cancelled: "dim",
};

const RUN_COLOURS: Readonly<Record<RunStateName, Colour>> = {
  running: "cyan",
  paused: "yellow",
  ending: "yellow",
  done: "green",
  failed: "red",
  cancelled: "dim",
};

const BAR_CELLS = 12;
const NAME_COLUMNS = 28;

function bar({ done, total }: NonNullable<WorkflowNodeInfo["progress"]>): string {
  if (!total) return "";
  const filled = Math.min(BAR_CELLS, Math.max(0, Math.round((BAR_CELLS * done) / total)));
  return `${"▓".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} `;
}

const sinceStart = ({ startedAt }: WorkflowNodeInfo, now: number | undefined): readonly string[] =>
  startedAt === undefined || now === undefined ? [] : [formatSpan(now - Date.parse(startedAt))];

/** What is to say of a node, beside its mark and its names. */
function restOf(node: WorkflowNodeInfo, now: number | undefined): string {
  const { state, progress, durationMs, error, attempts, reused } = node;
  const took = durationMs === undefined ? [] : [formatSpan(durationMs)];
  switch (state) {
    case "done":
      return [...(took.length > 0 ? took : [state]), ...(reused ? ["reused"] : [])].join("  ");
    case "running":
      return [
        progress === undefined ? state : bar(progress) + formatProgress(progress),
        ...sinceStart(node, now),
        ...(attempts > 1 ? [`attempt ${attempts}`] : []),
      ].join("  ");
    case "waiting":
      return [`waits ${formatWait(node) ?? ""}`.trim(), ...sinceStart(node, now)].join("  ");
    case "failed":
      return [...took, error === undefined ? state : clean(error.message)].join("  ");
    default:
      return state;
  }
}

/** A line of pieces, cut before it is coloured. */
function join(pieces: readonly Piece[], { style, columns }: LineOptions): string {
  const isShort = pieces.reduce((sum, [text]) => sum + [...text].length, 0) <= columns;
  let room = isShort ? columns : columns - 1;
  const painted = pieces.map(([text, colour]) => {
    const characters = [...text];
    const kept = characters.length <= room ? text : characters.slice(0, Math.max(0, room)).join("");
    room -= characters.length;
    return colour === undefined || kept.trim() === "" ? kept : style[colour](kept);
  });
  return painted.join("").trimEnd() + (isShort ? "" : "…");
}

function headOf(workflow: WorkflowInfo, now: number | undefined): readonly Piece[] {
  const { name, state, asOf } = workflow;
  const counts = formatCounts(workflow);
  const elapsed = elapsedOf(workflow, now);
  return [
    [clean(name), "bold"],
    [`  ${state}`, RUN_COLOURS[state]],
    ...(counts === "" ? [] : [[`  ${counts}`] as const]),
    ...(elapsed === undefined
      ? []
      : [[`  ${isOver(state) ? "in " : ""}${formatSpan(elapsed)}`, "dim"] as const]),
    ...(asOf === undefined ? [] : [[`  as of ${formatTime(asOf)}`, "yellow"] as const]),
  ];
}

const widest = (texts: readonly string[]): number =>
  Math.min(NAME_COLUMNS, Math.max(0, ...texts.map((text) => [...text].length)));

const pad = (text: string, width: number): string => {
  const short = clip(text, width);
  return short + " ".repeat(Math.max(0, width - [...short].length));
};

/**
 * The lines of a drawing: the run, then its nodes by their distance from a start, which stands
 * before the first of each. Names on the critical path are bold.
 */
export function drawLines(dag: WorkflowDag, options: LineOptions): readonly string[] {
  const { workflow, nodes, criticalPath } = dag;
  const depths = depthsOf(nodes.length, edgesOf(dag));
  const rows = nodes
    .map((node, at) => ({ node, depth: depths[at] ?? 0, id: clean(node.id), what: whatOf(node) }))
    // Sorting is stable: within a depth the order stays.
    .sort((one, other) => one.depth - other.depth);
  const idWidth = widest(rows.map(({ id }) => id));
  const whatWidth = widest(rows.map(({ what }) => what));
  const stepWidth = `${(rows.at(-1)?.depth ?? 0) + 1}`.length;
  const critical = new Set(criticalPath);
  const lines = rows.map(({ node, depth, id, what }, at) => {
    const isFirst = at === 0 || rows[at - 1]?.depth !== depth;
    const colour = NODE_COLOURS[node.state];
    return join(
      [
        [`${isFirst ? `${depth + 1}` : ""}`.padStart(stepWidth), "dim"],
        [` ${MARKS[node.state]} `, colour],
        [pad(id, idWidth), critical.has(node.id) ? "bold" : undefined],
        [`  ${pad(what, whatWidth)}`, "dim"],
        [`  ${restOf(node, options.now)}`, colour],
      ],
      options,
    );
  });
  const { error } = workflow;
  return [
    join(headOf(workflow, options.now), options),
    ...lines,
    ...(error === undefined ? [] : [join([[`✗ ${clean(error.message)}`, "red"]], options)]),
  ];
}
