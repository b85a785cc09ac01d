/**
 * A map whose calls are for the queues of two peers, beside the same map in the own queue and as many
 * calls over the mesh: the coordinator, a program that reads a job and prints what it saw.
 *
 * All ways take turns (A B C A B C), and every answer is checked.
 *
 * @module
 */

import process from "node:process";
import { text } from "node:stream/consumers";
import type { App } from "../../src/app-types.ts";
import { IntegrityError } from "../../src/errors.ts";
import { localCaller } from "../../src/registry/caller.ts";
import { catalog } from "../../tools/mod.ts";
import { adder, startApp } from "../mesh-app.ts";
import { timed } from "../queue/clients.ts";
import { settledRss } from "../settled-rss.ts";
import { median, quantile } from "../statistics.ts";

/** What both sides need of the product's tools. */
export const FLOW_CATEGORIES: string[] = ["p2p_taskqueue", "p2p_workflow"];
/** Tasks that each peer works at once: as many as a coordinator gives it. */
export const PEER_SLOTS = 32;

/** The ways to have the same sums made. */
const WAYS = ["shared", "given", "own", "calls"] as const;
/** One of them. */
export type Way = (typeof WAYS)[number];

/** What the program is to do. */
export interface FanOutJob {
  /** Addresses of the peers. */
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly nodes: number;
  /** Runs of one node, of which the median counts. */
  readonly singles: number;
}

/** What it saw. */
export interface FanOutResult {
  readonly ways: Readonly<Record<Way, WaySeen>>;
  /** Medians of one node from its submission to the end of its run, and of a call of its tool at a peer. */
  readonly single: Readonly<Record<Way, number>>;
  readonly idleBytes: number;
  readonly endBytes: number;
}

/** Medians of the rounds. */
export interface WaySeen {
  readonly perSecond: number;
  /** CPU of the coordinator. */
  readonly cpuUs: number;
}

const WAIT_MS = 60_000;

/** Anything that is done with a number of items. */
type Make = (items: readonly number[]) => Promise<void>;

class Coordinator {
  readonly #app: App;
  /** Addresses by the category of the peer's tools. */
  readonly #peers: ReadonlyMap<string, string>;

  private constructor(app: App, peers: ReadonlyMap<string, string>) {
    this.#app = app;
    this.#peers = peers;
  }

  static async start(addresses: readonly string[]): Promise<Coordinator> {
    const app = await startApp({
      name: "coordinator",
      catalog: [...catalog.filter(({ name }) => FLOW_CATEGORIES.includes(name)), adder("add")],
      place: { meshRole: "server" },
      hasTcp: true,
      slots: PEER_SLOTS * addresses.length,
    });
    const peers = new Map<string, string>();
    for (const address of addresses) peers.set(await app.mesh.reach(address), address);
    return new Coordinator(app, peers);
  }

  /** A way to make sums as a run of a map. */
  run(way: Exclude<Way, "calls">): Make {
    const peers = [...this.#peers.values()];
    return async (items) => {
      const { workflowId } = await this.#call("p2p_workflow_submit", {
        workflow: mapped(way),
        input: { items, at: peers.map((address) => address.slice(address.lastIndexOf("/") + 1)) },
        ...(way === "shared" && { peers }),
      });
      const ask = { workflowId, waitMs: WAIT_MS };
      const { state, result } = await this.#call("p2p_workflow_get_result", ask);
      const sums = (result as readonly Sum[] | undefined) ?? [];
      check(
        `a run that is ${state}`,
        items,
        sums.map(({ sum }) => sum),
      );
    };
  }

  /** Submit one task for each sum to one peer after the other; answers with how to wait for them. */
  async submitEach(items: readonly number[]): Promise<() => Promise<void>> {
    const categories = [...this.#peers.keys()];
    const given: { readonly category: string | undefined; readonly taskId: unknown }[] = [];
    await inFlight(items, async (item, at) => {
      const category = categories[at % categories.length];
      const ask = { tool: "add", input: { a: item, b: 1 } };
      const { taskId } = await this.#call("p2p_taskqueue_submit", ask, category);
      given[at] = { category, taskId };
    });
    return async () => {
      const sums: unknown[] = [];
      await inFlight(given, async ({ category, taskId }, at) => {
        const ask = { taskId, waitMs: WAIT_MS };
        const { result } = await this.#call("p2p_taskqueue_get_result", ask, category);
        sums[at] = (result as Sum | undefined)?.sum;
      });
      check("tasks of peers", items, sums);
    };
  }

  /** Call the tool at a peer. */
  async callOne(item: number): Promise<void> {
    const [category] = this.#peers.keys();
    const { sum } = await this.#call("add", { a: item, b: 1 }, category);
    check("a call of a peer", [item], [sum]);
  }

  async #call(tool: string, input: object, category?: string): Promise<Record<string, unknown>> {
    const about = category === undefined ? {} : { category };
    const asked = { tool, input, caller: localCaller, ...about };
    const { isError, content, structuredContent } = await this.#app.call(asked);
    if (isError) throw new Error(`${tool}: ${JSON.stringify(content)}`);
    return structuredContent as Record<string, unknown>;
  }
}

interface Sum {
  readonly sum?: unknown;
}

function mapped(way: Exclude<Way, "calls">): object {
  const at = { shared: "$peers", given: "$input.at", own: undefined }[way];
  const node = { tool: "add", input: { a: "$item", b: 1 }, ...(at && { peer: { at } }) };
  return {
    name: way,
    nodes: [
      { id: "each", map: { over: "$input.items", node } },
      { id: "all", collect: "$each.results" },
    ],
    output: "$all.result",
  };
}

function check(what: string, items: readonly number[], sums: readonly unknown[]): void {
  if (items.every((item, at) => sums[at] === item + 1)) return;
  throw new IntegrityError("schema_mismatch", `${what} answered ${JSON.stringify(sums)}`);
}

/** As many at once as a coordinator gives its peers. */
async function inFlight<T>(
  all: readonly T[],
  make: (one: T, at: number) => Promise<void>,
): Promise<void> {
  const left = all.entries();
  const worker = async (): Promise<void> => {
    for (const [at, one] of left) await make(one, at);
  };
  await Promise.all(Array.from({ length: PEER_SLOTS * 2 }, worker));
}

async function sample(coordinator: Coordinator, way: Way, nodes: number): Promise<WaySeen> {
  const items = Array.from({ length: nodes }, (_, n) => n);
  let worked = async (): Promise<void> => {};
  const before = process.cpuUsage();
  const ms = await timed(async () => {
    if (way === "calls") worked = await coordinator.submitEach(items);
    else await coordinator.run(way)(items);
  });
  const { user, system } = process.cpuUsage(before);
  await worked();
  return { perSecond: (nodes * 1000) / ms, cpuUs: (user + system) / nodes };
}

async function singly(coordinator: Coordinator, count: number): Promise<FanOutResult["single"]> {
  const took: Record<Way, number[]> = { shared: [], given: [], own: [], calls: [] };
  for (let n = 0; n < count; n += 1) {
    for (const way of WAYS) {
      const make = (): Promise<void> =>
        way === "calls" ? coordinator.callOne(n) : coordinator.run(way)([n]);
      took[way].push(await timed(make));
    }
  }
  return forWays((way) => quantile(took[way], 0.5));
}

function forWays<T>(of: (way: Way) => T): Readonly<Record<Way, T>> {
  return { shared: of("shared"), given: of("given"), own: of("own"), calls: of("calls") };
}

async function run({ peers, rounds, nodes, singles }: FanOutJob): Promise<FanOutResult> {
  const coordinator = await Coordinator.start(peers);
  // Code is compiled, and the write-ahead logs have their size.
  for (const way of WAYS) await sample(coordinator, way, nodes);
  await singly(coordinator, singles);
  const idleBytes = await settledRss();
  const seen: Record<Way, WaySeen[]> = { shared: [], given: [], own: [], calls: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) seen[way].push(await sample(coordinator, way, nodes));
  }
  const single = await singly(coordinator, singles);
  const endBytes = await settledRss();
  const ways = forWays((way) => ({
    perSecond: median(seen[way].map(({ perSecond }) => perSecond)),
    cpuUs: median(seen[way].map(({ cpuUs }) => cpuUs)),
  }));
  return { ways, single, idleBytes, endBytes };
}

if (import.meta.main) {
  const result = await run(JSON.parse(await text(process.stdin)) as FanOutJob);
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
