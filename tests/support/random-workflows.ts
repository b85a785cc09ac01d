/**
 * Workflows by chance, the tools that they call, and what is to come of them.
 *
 * `expected` is an interpreter of its own, written from what `src/workflow/definition.ts` promises: it
 * goes through the nodes in order, one after the other, and knows neither queues nor tasks.
 *
 * @module
 */

import fc from "fast-check";
import type { JoinRule } from "../../src/workflow/definition.ts";
import type { TestTool } from "./workflow-scene.ts";

/** Where a condition takes its answer from. */
type Test = { readonly of: "input"; readonly above: number } | { readonly of: number };

/** Of a tool: its first attempt may fail, and there may be no other. */
type Mood = "steady" | "flaky" | "hopeless";

type Shape =
  | { readonly kind: "tool"; readonly mood: Mood }
  | { readonly kind: "collect" }
  | { readonly kind: "map"; readonly items: readonly number[] | number; readonly parallel: number }
  | { readonly kind: "branch"; readonly ways: readonly WayShape[]; readonly other: WayShape["to"] }
  | { readonly kind: "loop"; readonly every: number; readonly max: number }
  | { readonly kind: "sub"; readonly graph: Graph }
  | { readonly kind: "wait"; readonly timeoutMs: number; readonly signal: boolean };

interface WayShape {
  readonly test: Test;
  readonly to: readonly number[];
}

/** A node of chance; nodes before it are numbers below its own, ways of it numbers above. */
export interface Shaped {
  readonly shape: Shape;
  readonly refs: readonly number[];
  readonly after: readonly number[];
  readonly join: JoinRule;
  /** Its calls fail where chance, which follows from their input, says so. */
  readonly frail: boolean;
  readonly undo: "none" | "sound" | "frail";
}

/** Nodes in an order in which they can be run. */
export type Graph = readonly Shaped[];

const picks = fc.array(fc.nat({ max: 99 }), { maxLength: 3 });
const test: fc.Arbitrary<Test> = fc.oneof(
  fc.record({ of: fc.constant("input" as const), above: fc.nat({ max: 9 }) }),
  fc.record({ of: fc.nat({ max: 99 }) }),
);

function shapes(graph: fc.Arbitrary<Graph> | undefined): fc.Arbitrary<Shape> {
  const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
  const list = fc.array(fc.nat({ max: 9 }), { maxLength: 4 });
  const parallel = fc.integer({ min: 0, max: 3 });
  const steady = ["steady", "steady", "steady", "steady"] as const;
  const mood = fc.constantFrom<Mood[]>(...steady, "flaky", "hopeless");
  const tool = fc.record({ kind: kind("tool"), mood });
  return fc.oneof(
    { weight: 5, arbitrary: tool },
    { weight: 2, arbitrary: fc.record({ kind: kind("collect") }) },
    {
      weight: 2,
      arbitrary: fc.record({
        ...{ kind: kind("map"), parallel },
        items: fc.oneof(list, fc.nat({ max: 99 })),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind("branch"),
        ways: fc.array(fc.record({ test, to: picks }), { minLength: 1, maxLength: 3 }),
        other: picks,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind("loop"),
        every: fc.integer({ min: 1, max: 3 }),
        max: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind("wait"),
        timeoutMs: fc.integer({ min: 1, max: 20_000 }),
        signal: fc.boolean(),
      }),
    },
    ...(graph ? [{ weight: 1, arbitrary: fc.record({ kind: kind("sub"), graph }) }] : []),
  );
}

function graphs(size: { minLength: number; maxLength: number }, inner?: fc.Arbitrary<Graph>) {
  const join = fc.constantFrom<JoinRule[]>("all_success", "all_done", "one_success", "none_failed");
  const undo = fc.constantFrom<Shaped["undo"][]>("none", "none", "sound", "frail");
  const frail = fc.nat({ max: 2 }).map((n) => n === 0);
  const node = fc.record({
    ...{ shape: shapes(inner), refs: picks, after: picks, join, frail, undo },
  });
  // Without this, most arrays of fast-check are small.
  return fc.array(node, { ...size, size: "max" }).map(inPlace);
}

/** Graphs of 3 to 25 nodes, with smaller ones within them. */
export const anyGraph: fc.Arbitrary<Graph> = graphs(
  { minLength: 3, maxLength: 25 },
  graphs({ minLength: 1, maxLength: 4 }),
);

/** Numbers of chance become numbers of nodes that are there. */
function inPlace(drawn: Graph): Graph {
  return drawn.map((node, at) => {
    const earlier = (of: readonly number[]): number[] =>
      at === 0 ? [] : [...new Set(of.map((n) => n % at))];
    const later = (of: readonly number[]): number[] =>
      at + 1 >= drawn.length
        ? []
        : [...new Set(of.map((n) => at + 1 + (n % (drawn.length - at - 1))))];
    // It may begin before some of these are over, and must not look at them.
    const isEarly = node.join === "one_success";
    const { shape } = node;
    const tested = ({ of }: Test): Test => {
      if (of === "input") return { of, above: 4 };
      const tools = drawn.flatMap((one, n) => (n < at && one.shape.kind === "tool" ? [n] : []));
      const tool = tools[of % Math.max(1, tools.length)];
      return tool === undefined || isEarly ? { of: "input", above: of % 10 } : { of: tool };
    };
    const placed = (): Shape => {
      if (shape.kind === "branch") {
        const ways = shape.ways.map((way) => ({ test: tested(way.test), to: later(way.to) }));
        return { ...shape, ways, other: later(shape.other) };
      }
      if (shape.kind !== "map" || typeof shape.items !== "number") return shape;
      const [from] = isEarly ? [] : earlier([shape.items]);
      return { ...shape, items: from ?? [] };
    };
    const hasInput = shape.kind !== "branch" && shape.kind !== "wait";
    return {
      ...{ ...node, shape: placed(), after: earlier(node.after) },
      refs: isEarly || !hasInput ? [] : earlier(node.refs),
    };
  });
}

const nameOf = (at: number): string => `n${at}`;
const conditionOf = (one: Test): string =>
  one.of === "input" ? `$input.n > ${one.above}` : `$${nameOf(one.of)}.result.value % 2 == 0`;

/** The workflow as it is written. */
export function written(graph: Graph, name = "chance"): Readonly<Record<string, unknown>> {
  return { name, nodes: graph.map((node, at) => nodeOf(node, at)) };
}

function nodeOf({ shape, refs, after, join, frail, undo }: Shaped, at: number): object {
  const id = nameOf(at);
  const seen = refs.map((ref) => [
    `$${nameOf(ref)}.result`,
    `$${nameOf(ref)}.error.code`,
    `$${nameOf(ref)}.state`,
  ]);
  const input = { me: id, frail, seen };
  const compensate = {
    tool: "undo",
    input: { me: id, frail: undo === "frail", was: `$${id}.result` },
  };
  const about = { id, join, after: after.map(nameOf), ...(undo !== "none" && { compensate }) };
  switch (shape.kind) {
    case "tool": {
      const tool = shape.mood === "steady" ? "work" : "flaky";
      return { ...about, tool, input, retry: { maxAttempts: shape.mood === "hopeless" ? 1 : 3 } };
    }
    case "collect":
      return { ...about, collect: input };
    case "map": {
      const { items, parallel } = shape;
      const over = typeof items === "number" ? `$${nameOf(items)}.result.items` : items;
      const call = { tool: "work", input: { ...input, item: "$item", index: "$index" } };
      return {
        ...about,
        map: { over, ...(parallel > 0 && { maxParallel: parallel }), node: call },
      };
    }
    case "branch": {
      const ways = shape.ways.map((way) => ({
        when: conditionOf(way.test),
        then: way.to.map(nameOf),
      }));
      const other = shape.other.length > 0 ? [{ else: shape.other.map(nameOf) }] : [];
      return { ...about, branch: [...ways, ...other] };
    }
    case "loop": {
      const call = { tool: "work", input: { ...input, last: "$last.value", index: "$index" } };
      const until = `$last.value % ${shape.every} == 0`;
      return { ...about, loop: { node: call, until, max: shape.max } };
    }
    case "sub":
      return { ...about, sub: { workflow: written(shape.graph), input: { n: 7, seen } } };
    case "wait": {
      const { timeoutMs, signal } = shape;
      return { ...about, wait: { timeoutMs, ...(signal && { signal: "never" }) } };
    }
  }
}

/** What the tools come to: a number that follows from the input, or bad luck. */
function outcomeOf(input: unknown): { value: number; items: number[] } | undefined {
  let hash = 2_166_136_261;
  for (const letter of sorted(input)) {
    hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  }
  const value = hash % 1_000;
  if ((input as { readonly frail: boolean }).frail && value % 3 === 0) return undefined;
  return { value, items: Array.from({ length: value % 4 }, (_, at) => at) };
}

/** JSON whose keys are in order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const work: TestTool = (input) => {
  const outcome = outcomeOf(input);
  if (!outcome) throw new Error("no luck");
  return outcome;
};

/** The tools of these workflows. */
export const tools: Readonly<Record<string, TestTool>> = {
  ...{ work, undo: work },
  flaky(input, task) {
    if (task.attempts === 1) throw new Error("once more");
    return work(input, task);
  },
};

/** What became of a node, an item, a round, or the undoing of a node. */
export interface Fate {
  readonly state: "done" | "failed" | "skipped";
  readonly result?: unknown;
  readonly code?: string;
  /** Calls that were made for it. */
  readonly calls: number;
}

/** What is to come of a run. */
export interface Prophecy {
  /** By the place in the run: `n1`, `n1.0`, `n1~undo`, and `n1.n0` within the run of `n1`. */
  readonly fates: Map<string, Fate>;
  readonly state: "done" | "failed";
  readonly result: unknown;
  /** Nodes that may be told as the reason; which one it is follows from time. */
  readonly faults: readonly string[];
  readonly notUndone: readonly string[];
  /** Nodes that come before each, and the join of each. */
  readonly before: readonly (readonly number[])[];
}

/** What is to come of a graph. */
export function expected(graph: Graph, n: number): Prophecy {
  const fates = new Map<string, Fate>();
  const fateOf = (at: number): Fate | undefined => fates.get(nameOf(at));
  const before = graph.map((node, at) => [
    ...new Set([...comesAfter(node), ...gatesOf(graph, at)]),
  ]);
  for (const at of graph.keys()) {
    const fate = mayRun(graph, at, before[at] ?? [], fateOf)
      ? run(graph, at, { n, fateOf, tell: (place, about) => void fates.set(place, about) })
      : ({ state: "skipped", code: "skipped", calls: 0 } as const);
    fates.set(nameOf(at), fate);
  }
  const after = graph.map((_, at) =>
    graph.flatMap((_n, next) => (before[next]?.includes(at) ? [next] : [])),
  );
  const caring: readonly (JoinRule | undefined)[] = ["all_done", "one_success"];
  const faults = [...graph.keys()].filter(
    (at) =>
      fateOf(at)?.state === "failed" &&
      !after[at]?.some((next) => caring.includes(graph[next]?.join)),
  );
  if (faults.length > 0) {
    const notUndone = undoAll(graph, fates);
    return {
      fates,
      state: "failed",
      result: undefined,
      faults: faults.map(nameOf),
      notUndone,
      before,
    };
  }
  const ends = [...graph.keys()].filter(
    (at) => after[at]?.length === 0 && fateOf(at)?.state === "done",
  );
  const result = Object.fromEntries(ends.map((at) => [nameOf(at), fateOf(at)?.result]));
  return { fates, state: "done", result, faults: [], notUndone: [], before };
}

function undoAll(graph: Graph, fates: Map<string, Fate>): string[] {
  return graph.flatMap(({ undo }, at) => {
    const was = fates.get(nameOf(at));
    if (undo === "none" || was?.state !== "done") return [];
    const input = { me: nameOf(at), frail: undo === "frail", was: was.result ?? null };
    const fate = called(input);
    fates.set(`${nameOf(at)}~undo`, fate);
    return fate.state === "done" ? [] : [nameOf(at)];
  });
}

function comesAfter({ refs, after, shape }: Shaped): readonly number[] {
  const tests = shape.kind === "branch" ? shape.ways.map((way) => way.test.of) : [];
  const over = shape.kind === "map" ? [shape.items] : [];
  return [...refs, ...after, ...tests, ...over].filter((at) => typeof at === "number");
}

function gatesOf(graph: Graph, at: number): readonly number[] {
  return graph.flatMap(({ shape }, gate) => {
    const ways = shape.kind === "branch" ? [...shape.ways.map(({ to }) => to), shape.other] : [];
    return ways.some((to) => to.includes(at)) ? [gate] : [];
  });
}

/** By its branches first, and by its rule then, for which a way that was not taken counts for nothing. */
function mayRun(
  graph: Graph,
  at: number,
  before: readonly number[],
  fateOf: (at: number) => Fate | undefined,
): boolean {
  const gates = gatesOf(graph, at);
  const led = (gate: number): boolean => {
    const chosen = fateOf(gate)?.result as { readonly nodes?: readonly string[] } | undefined;
    return chosen?.nodes?.includes(nameOf(at)) === true;
  };
  if (gates.length > 0 && !gates.some(led)) return false;
  const states = before.flatMap((one) => {
    const { state } = fateOf(one) ?? {};
    return gates.includes(one) && state === "done" && !led(one) ? [] : [state];
  });
  switch (graph[at]?.join) {
    case "all_success":
      return states.every((state) => state === "done");
    case "none_failed":
      return states.every((state) => state !== "failed");
    case "one_success":
      return before.length === 0 || states.includes("done");
    default:
      return true;
  }
}

/** What is known while a node runs. */
interface Running {
  readonly n: number;
  readonly fateOf: (at: number) => Fate | undefined;
  /** Of what the node is made of. */
  readonly tell: (place: string, fate: Fate) => void;
}

const done = (result: unknown): Fate => ({ state: "done", result, calls: 0 });
const failed = (code: string): Fate => ({ state: "failed", code, calls: 0 });

function called(input: unknown, calls = 1): Fate {
  const result = outcomeOf(input);
  return result ? { ...done(result), calls } : { ...failed("tool_failed"), calls };
}

function run(graph: Graph, at: number, about: Running): Fate {
  // `at` is one of its numbers.
  const { shape, refs, frail } = graph[at] as Shaped;
  const me = nameOf(at);
  const { fateOf, tell } = about;
  const seen = refs.map((ref) => {
    const { result = null, code = null, state } = fateOf(ref) ?? {};
    return [result, code, state];
  });
  const input = { me, frail, seen };
  switch (shape.kind) {
    case "tool":
      if (shape.mood === "hopeless") return { ...failed("tool_failed"), calls: 1 };
      return called(input, shape.mood === "flaky" ? 2 : 1);
    case "collect":
      return done(input);
    case "map":
      return mapped(shape, input, about);
    case "branch":
      return decided(shape, about);
    case "loop":
      return repeated(shape, input, about);
    case "sub": {
      const within = expected(shape.graph, 7);
      for (const [place, fate] of within.fates) tell(`${me}.${place}`, fate);
      return within.state === "done" ? done(within.result) : failed("tool_failed");
    }
    case "wait":
      return shape.signal ? failed("deadline_exceeded") : done(null);
  }
}

function mapped(
  { items }: Extract<Shape, { kind: "map" }>,
  input: { readonly me: string },
  { fateOf, tell }: Running,
): Fate {
  const result = typeof items === "number" ? fateOf(items)?.result : { items };
  const list = (result as { readonly items?: unknown } | null | undefined)?.items;
  if (!Array.isArray(list)) return failed("invalid_input");
  const fates = list.map((item, index) => called({ ...input, item, index }));
  for (const [index, fate] of fates.entries()) tell(`${input.me}.${index}`, fate);
  if (fates.some(({ state }) => state === "failed")) return failed("tool_failed");
  return done(fates.map((fate) => fate.result));
}

function repeated(
  { every, max }: Extract<Shape, { kind: "loop" }>,
  input: { readonly me: string },
  { tell }: Running,
): Fate {
  let last: number | null = null;
  for (let index = 0; index < max; index += 1) {
    const round = called({ ...input, last, index });
    tell(`${input.me}.${index}`, round);
    if (round.state !== "done") return failed("tool_failed");
    last = (round.result as { readonly value: number }).value;
    if (last % every === 0) return done(round.result);
  }
  return failed("tool_failed");
}

function decided(
  { ways, other }: Extract<Shape, { kind: "branch" }>,
  { n, fateOf }: Running,
): Fate {
  for (const [way, { test: asked, to }] of ways.entries()) {
    if (asked.of === "input") {
      if (n > asked.above) return done({ way, nodes: to.map(nameOf) });
      continue;
    }
    const fate = fateOf(asked.of);
    if (fate?.state !== "done") return failed("invalid_input");
    const { value } = fate.result as { readonly value: number };
    if (value % 2 === 0) return done({ way, nodes: to.map(nameOf) });
  }
  const way = other.length > 0 ? ways.length : -1;
  return done({ way, nodes: other.map(nameOf) });
}
