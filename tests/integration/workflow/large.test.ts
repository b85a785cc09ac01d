/** Workflows in great numbers, and one of many nodes, in an app with its own workers. */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import { host } from "#host";
import { createApp, defineTool, type EmbeddedApp } from "../../../runtimes/lib.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Nothing here is the host's own: elsewhere a tenth shows that it works. */
const [RUNS, LAYERS] = host.name === "node" ? [1_000, 100] : [100, 10];
/** Nodes of a layer. */
const WIDTH = 100;

const MODULUS = 1_000_003;

const addMod = defineTool({
  name: "add_mod",
  description: `Add two numbers modulo ${MODULUS}`,
  input: v.object({ a: v.number(), b: v.number() }),
  output: v.object({ sum: v.number() }),
  annotations: { readOnlyHint: true },
  run: ({ a, b }) => ({ sum: (a + b) % MODULUS }),
});

const config = { log: { audit: false, level: "error" }, queue: { maxBacklog: 50_000 } } as const;

async function told(app: EmbeddedApp, tool: string, input: object): Promise<Fields> {
  const result = await app.call(`p2p_workflow_${tool}`, input);
  if (result.isError) throw new Error(JSON.stringify(result.content));
  return (result.structuredContent ?? {}) as Fields;
}

/** Few at a time: more than 64 calls of one caller are turned away. */
async function each<T, R>(
  all: readonly T[],
  work: (one: T, at: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += 50) {
    const some = all.slice(at, at + 50);
    results.push(...(await Promise.all(some.map((one, n) => work(one, at + n)))));
  }
  return results;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

describe("workflows", () => {
  const timeout = 120_000;

  it(`run ${RUNS} at once, each to its own result`, { timeout }, async () => {
    await using app = await createApp({ tools: [addMod], config });
    const workflow = {
      name: "gated",
      nodes: [
        { id: "one", tool: "add_mod", input: { a: "$input", b: 1 } },
        { id: "gate", wait: { signal: "go" }, after: ["one"] },
        { id: "two", tool: "add_mod", input: { a: "$one.result.sum", b: "$gate.payload" } },
      ],
      output: "$two.result.sum",
    };

    const ids = await each(numbers(RUNS), async (input) => {
      const { workflowId } = await told(app, "submit", { workflow, input });
      return workflowId as string;
    });
    const waiting = await each(ids, (workflowId) => isAtGate(app, workflowId));
    await each(ids, (workflowId, payload) =>
      told(app, "coordinate", { workflowId, action: "signal", node: "gate", payload }),
    );
    const outcomes = await each(ids, (workflowId) =>
      told(app, "get_result", { workflowId, waitMs: 60_000 }),
    );

    assertEquals(new Set(waiting), new Set(["running"]));
    assertEquals(
      outcomes.map(({ state, result }) => [state, result]),
      numbers(RUNS).map((n) => ["done", 2 * n + 1]),
    );
  });

  it(`come to the same with ${LAYERS * WIDTH} nodes as one step after the other`, {
    timeout,
  }, async () => {
    await using app = await createApp({ tools: [addMod], config });
    const sumOf = (layer: number, column: number): string =>
      `$n${layer}_${column % WIDTH}.result.sum`;
    const nodes = numbers(LAYERS).flatMap((layer) =>
      numbers(WIDTH).map((column) => ({
        id: `n${layer}_${column}`,
        tool: "add_mod",
        input:
          layer === 0
            ? { a: column, b: 1 }
            : { a: sumOf(layer - 1, column), b: sumOf(layer - 1, column + 1) },
      })),
    );
    let expected = numbers(WIDTH).map((column) => column + 1);
    for (let layer = 1; layer < LAYERS; layer += 1) {
      expected = expected.map((a, at) => (a + (expected[(at + 1) % WIDTH] ?? 0)) % MODULUS);
    }
    const output = numbers(WIDTH).map((column) => sumOf(LAYERS - 1, column));

    const { workflowId } = await told(app, "submit", {
      workflow: { name: "large", nodes, output },
    });
    let outcome: Fields = {};
    while (outcome.state !== "done" && outcome.state !== "failed") {
      outcome = await told(app, "get_result", { workflowId, waitMs: 60_000 });
    }
    const { counts } = await told(app, "status", { workflowId });

    assertEquals(outcome.result, expected);
    assertEquals((counts as Fields).done, LAYERS * WIDTH);
  });
});

/** The state of a run once it waits for its signal. */
async function isAtGate(app: EmbeddedApp, workflowId: string): Promise<unknown> {
  for (;;) {
    const { counts, state } = await told(app, "status", { workflowId, waitMs: 100 });
    if ((counts as Fields).done === 1) return state;
  }
}
