/** The workflow that is tried: nodes of every kind, whose result depends on its input alone. @module */

import type { HostName } from "../../bench/hosts.ts";

/** An attempt whose worker dies is made again soon, so that a run takes more kills and not more time. */
const RETRY = { backoff: { initialMs: 100, maxMs: 1_000 } };

/** A call of the tool that leaves a line for each execution. */
function step(node: string, more: Readonly<Record<string, unknown>> = {}): object {
  const input = { file: "$input.file", run: "$input.run", node, ms: 30, ...more };
  return { tool: "chaos_step", input, retry: RETRY };
}

/** The ability that only workers of a host have. */
export const abilityOf = (host: HostName): string => `on-${host}`;

/** A call that only a worker of this host makes. */
function stepOn(host: HostName, node: string, more: Readonly<Record<string, unknown>>): object {
  return { ...step(node, more), peer: { requires: [abilityOf(host)] } };
}

/** A workflow within: a call, a map, and its own result. */
const within = {
  name: "within",
  nodes: [
    { id: "first", ...step("within_first", { of: "$input.of" }) },
    { id: "pair", collect: ["$first.result.sum", 1] },
    {
      id: "both",
      map: {
        over: "$pair.result",
        node: stepOn("node", "within_both", { index: "$index", of: "$item" }),
      },
    },
    { id: "sum", ...step("within_sum", { of: "$both.results" }) },
  ],
  output: { within: "$sum.result.sum" },
};

/** Written as a client writes it. */
export const TRIAL: Readonly<Record<string, unknown>> = {
  name: "trial",
  nodes: [
    { id: "fetch", ...step("fetch", { of: "$input.n" }) },
    { id: "list", collect: [1, 2, 3, 4, 5, 6, 7, "$fetch.result.sum"] },
    {
      id: "each",
      map: {
        over: "$list.result",
        maxParallel: 3,
        node: stepOn("bun", "each", { index: "$index", of: ["$item", "$index"] }),
      },
    },
    { id: "total", ...step("total", { of: "$each.results" }) },
    {
      id: "choose",
      branch: [{ when: "$total.result.sum > 57", then: "large" }, { else: ["small", "tiny"] }],
    },
    { id: "large", ...step("large", { of: "$total.result" }) },
    { id: "small", ...step("small", { of: ["$total.result", 1_000] }) },
    { id: "tiny", ...step("tiny", { of: 1 }) },
    {
      id: "met",
      ...step("met", { of: ["$large.result", "$small.result", "$tiny.result"] }),
      join: "none_failed",
    },
    {
      id: "count",
      loop: {
        node: stepOn("deno", "count", { index: "$index", of: ["$last.sum", "$input.n", 2] }),
        until: "$last.sum > 9",
        max: 10,
      },
    },
    { id: "inner", sub: { workflow: within, input: subInput("$fetch.result.sum") } },
    { id: "rest", wait: { timeoutMs: 200 }, after: ["fetch"] },
    { id: "awake", ...step("awake", { of: "$count.result" }), after: ["rest"] },
    {
      id: "broken",
      ...step("broken", { fails: true }),
      retry: { maxAttempts: 2, backoff: { initialMs: 50, jitter: 0 } },
    },
    { id: "spare", ...step("spare", { of: 7 }) },
    {
      id: "either",
      ...step("either", { of: "$spare.result" }),
      after: ["broken"],
      join: "one_success",
    },
    { id: "after_all", ...step("after_all", { of: 5 }), after: ["broken"], join: "all_done" },
    {
      id: "told",
      collect: { met: "$met.result", inner: "$inner.result", awake: "$awake.result.sum" },
    },
  ],
  output: {
    told: "$told.result",
    each: "$each.results",
    way: "$choose.result",
    broken: "$broken.state",
    either: "$either.result.sum",
    after: "$after_all.result.sum",
  },
};

function subInput(of: string): object {
  return { file: "$input.file", run: "$input.run", of };
}

/** Inputs that lead different ways and to different results. */
export const VARIANTS: readonly number[] = [1, 2, 3, 4];
