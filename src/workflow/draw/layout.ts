/**
 * Where the boxes of a picture stand and how its arrows run.
 *
 * Graphs that a person reads are laid out by dagre. It took 9 s to 59 s of one core for 2,000 nodes
 * and ran out of stack on a chain of them (3.1.3, Node 24), so larger graphs stand in plain rows.
 *
 * @module
 */

import { type DrawnEdge, depthsOf } from "./facts.ts";

/** Every box is so high. */
export const BOX_HEIGHT = 56;
const GAP_X = 28;
const GAP_Y = 66;

/** Nodes and the layers that edges cross, together: dagre needs about 1 s for so many. */
const DAGRE_LIMIT = 800;

/** More nodes of a depth than that are folded into rows, as nobody scrolls sideways so far. */
const ROW_LIMIT = 32;

/** A point, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Boxes by their centres and the `d` of the path of each edge, both in the order asked for. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly centres: readonly Point[];
  readonly paths: readonly string[];
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** From the bottom of a box to the top of another, past the layers between, upright at each end. */
function pathOf(from: Point, layers: readonly Point[], to: Point): string {
  const half = BOX_HEIGHT / 2;
  let d = `M${round(from.x)} ${round(from.y + half)}`;
  let last: Point = { x: from.x, y: from.y + half };
  for (const point of [...layers, to]) {
    const { x, y } = point;
    const top = y - half;
    const middle = round((last.y + top) / 2);
    d += `C${round(last.x)} ${middle} ${round(x)} ${middle} ${round(x)} ${round(top)}`;
    last = { x, y: y + half };
    if (point !== to) d += `V${round(last.y)}`;
  }
  return d;
}

const NOWHERE: Point = { x: 0, y: 0 };

async function layOutByDagre(
  widths: readonly number[],
  edges: readonly DrawnEdge[],
): Promise<Layout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph<
    { width?: number; height?: number; nodesep: number; ranksep: number; rankdir: "TB" },
    { width: number; height: number; x?: number; y?: number },
    { points?: readonly Point[]; weight: number }
  >();
  graph.setGraph({ rankdir: "TB", nodesep: GAP_X, ranksep: GAP_Y });
  for (const [at, width] of widths.entries()) graph.setNode(`${at}`, { width, height: BOX_HEIGHT });
  for (const { from, to, isCritical } of edges) {
    graph.setEdge(`${from}`, `${to}`, { weight: isCritical ? 4 : 1 });
  }
  layout(graph);
  const centres = widths.map((_, at): Point => {
    const { x = 0, y = 0 } = graph.node(`${at}`);
    return { x, y };
  });
  const rows = new Set(centres.map(({ y }) => Math.round(y)));
  const paths = edges.map(({ from, to }) => {
    const points = graph.edge(`${from}`, `${to}`).points ?? [];
    // The first and last lie on the boxes; of the others, those between layers would only add bends.
    const layers = points.slice(1, -1).filter(({ y }: Point) => rows.has(Math.round(y)));
    return pathOf(centres[from] ?? NOWHERE, layers, centres[to] ?? NOWHERE);
  });
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, centres, paths };
}

/** Nodes of a depth side by side, each about below what it comes after; long rows are folded. */
function layOutInRows(
  widths: readonly number[],
  edges: readonly DrawnEdge[],
  depths: readonly number[],
): Layout {
  const pitch = Math.max(...widths) + GAP_X;
  const before = Map.groupBy(edges, ({ to }) => to);
  const byDepth = Map.groupBy(widths.keys(), (at) => depths[at] ?? 0);
  const widest = Math.max(...[...byDepth.values()].map((members) => members.length));
  const perRow = Math.min(widest, ROW_LIMIT, Math.max(8, Math.ceil(Math.sqrt(widths.length))));
  const width = perRow * pitch - GAP_X;
  const centres = new Array<Point>(widths.length).fill(NOWHERE);
  let y = BOX_HEIGHT / 2;
  for (const [, members] of [...byDepth].sort(([one], [other]) => one - other)) {
    const wish = new Map(
      members.map((at) => {
        const xs = (before.get(at) ?? []).map(({ from }) => centres[from]?.x ?? 0);
        return [at, xs.reduce((sum, x) => sum + x, 0) / Math.max(1, xs.length)];
      }),
    );
    const sorted = members.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0));
    for (let first = 0; first < sorted.length; first += perRow) {
      const row = sorted.slice(first, first + perRow);
      const left = (width - (row.length - 1) * pitch) / 2;
      for (const [column, at] of row.entries()) centres[at] = { x: left + column * pitch, y };
      y += BOX_HEIGHT + GAP_Y;
    }
  }
  const paths = edges.map(({ from, to }) =>
    pathOf(centres[from] ?? NOWHERE, [], centres[to] ?? NOWHERE),
  );
  return { width, height: y - GAP_Y - BOX_HEIGHT / 2, centres, paths };
}

/** Places boxes of these widths; `edges` lead from an earlier box to a later one. */
export async function layOut(
  widths: readonly number[],
  edges: readonly DrawnEdge[],
): Promise<Layout> {
  if (widths.length === 0) return { width: 0, height: 0, centres: [], paths: [] };
  const depths = depthsOf(widths.length, edges);
  const crossed = edges.reduce(
    (sum, { from, to }) => sum + (depths[to] ?? 0) - (depths[from] ?? 0),
    0,
  );
  const isNarrow = [...Map.groupBy(depths, (depth) => depth).values()].every(
    (members) => members.length <= ROW_LIMIT,
  );
  return isNarrow && widths.length + crossed <= DAGRE_LIMIT
    ? await layOutByDagre(widths, edges)
    : layOutInRows(widths, edges, depths);
}
