/** Workflows as the benchmarks submit them. @module */

/** A workflow as it is written. */
export interface Written {
  readonly name: string;
  readonly nodes: readonly WrittenNode[];
  readonly output: unknown;
}

interface WrittenNode {
  readonly id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly after?: readonly string[];
}

/** Five steps, of which two fan out: 1, 7, 1, 10 and 1 nodes. */
export function ordinary(): Written {
  const names = (prefix: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `${prefix}_${at}`);
  const node = (id: string, a: unknown, after: readonly string[] = []): WrittenNode => ({
    ...{ id, tool: "add", input: { a, b: 1 } },
    ...(after.length > 0 && { after }),
  });
  const checks = names("check", 7);
  const exports = names("export", 10);
  return {
    name: "ordinary",
    nodes: [
      node("intake", "$input.order"),
      ...checks.map((id) => node(id, "$intake.result.sum")),
      node("merge", "$check_0.result.sum", checks),
      ...exports.map((id) => node(id, "$merge.result.sum")),
      node("report", "$export_0.result.sum", exports),
    ],
    output: { sum: "$report.result.sum" },
  };
}

const WIDTH = 100;
const LAYERS = 100;

/** 10,000 nodes, each after three of the layer before. */
export function meshed(): Written {
  const id = (layer: number, at: number): string => `n_${layer}_${at % WIDTH}`;
  return {
    name: "meshed",
    nodes: layers(WIDTH, (layer, at) => {
      if (layer === 0) return { id: id(0, at), tool: "add", input: { a: "$input.order", b: at } };
      const before = [id(layer - 1, at + 1), id(layer - 1, at + 7)];
      const input = { a: `$${id(layer - 1, at)}.result.sum`, b: at };
      return { id: id(layer, at), tool: "add", input, after: before };
    }),
    output: { sum: `$${id(LAYERS - 1, 0)}.result.sum` },
  };
}

/** 10,000 nodes: the 99 of a layer join in one node, after which the next layer begins. */
export function joined(): Written {
  const id = (layer: number, at: number): string => `n_${layer}_${at}`;
  const all = (layer: number): readonly string[] =>
    Array.from({ length: WIDTH - 1 }, (_, at) => id(layer, at));
  return {
    name: "joined",
    nodes: layers(WIDTH, (layer, at) => {
      const a = layer === 0 ? "$input.order" : `$join_${layer - 1}.result.sum`;
      if (at < WIDTH - 1) return { id: id(layer, at), tool: "add", input: { a, b: at } };
      const input = { a: `$${id(layer, 0)}.result.sum`, b: 1 };
      return { id: `join_${layer}`, tool: "add", input, after: all(layer) };
    }),
    output: { sum: `$join_${LAYERS - 1}.result.sum` },
  };
}

function layers(
  width: number,
  node: (layer: number, at: number) => WrittenNode,
): readonly WrittenNode[] {
  return Array.from({ length: LAYERS * width }, (_, n) => node(Math.floor(n / width), n % width));
}
