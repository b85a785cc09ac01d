/**
 * Whether what came after what in a run is as its graph says, by hashes alone.
 *
 * A call that a peer worked lies between its beginning and its end in the log of the run, and items, rounds
 * and runs within lie between those of their node. So one node came after another, wherever both were
 * worked, where it began in the log of the run behind the other's end.
 *
 * @module
 */

import { type ComparedCalls, compareCalls } from "./calls.ts";
import type { ProvenGraph } from "./graph.ts";
import type { Life } from "./lives.ts";

/** A node after another, in the graph of a run. */
export interface ProvenEdge {
  readonly from: string;
  readonly to: string;
  /** Left out where the order is proven; else what is missing for it. */
  readonly unproven?: string;
}

/** What follows from the logs. */
export interface Order {
  /** Between nodes of which the later one has begun, and does not go on without the earlier one. */
  readonly edges: readonly ProvenEdge[];
  /** All nodes that have begun, in an order that respects all that is proven. */
  readonly nodes: readonly string[];
  readonly faults: readonly string[];
}

/** What is judged. */
export interface Judged extends ComparedCalls {
  readonly graphs: readonly ProvenGraph[];
}

/** Judge a run. */
export function orderOf(judged: Judged): Order {
  return new Judge(judged).order();
}

const numberOf = ({ event }: Life["begin"]): number => event.number;

class Judge {
  readonly #judged: Judged;
  readonly #run: string;
  readonly #faults: string[];
  readonly #unseen: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(judged: Judged) {
    this.#judged = judged;
    this.#run = judged.graphs[0]?.run ?? "";
    const { faults, unseen } = compareCalls(judged, (id) => this.#name(id));
    this.#faults = [...faults];
    this.#unseen = unseenParts(unseen, judged.lives);
  }

  order(): Order {
    const { lives, graphs } = this.#judged;
    for (const life of lives.values()) this.#checkPlace(life);
    for (const graph of graphs) this.#checkWhole(graph);
    const edges = graphs.flatMap((graph) => this.#edgesOf(graph));
    const begun = graphs.flatMap(({ run, plan }) =>
      [...plan.nodes.keys()].flatMap((node) => lives.get(`${run}.${node}`) ?? []),
    );
    const nodes = begun.toSorted((a, b) => numberOf(a.begin) - numberOf(b.begin));
    return { edges, nodes: nodes.map(({ id }) => this.#name(id)), faults: this.#faults };
  }

  #name(id: string): string {
    return id.slice(this.#run.length + 1);
  }

  /** Items, rounds and what is in a run within lie between the beginning and the end of what they are of. */
  #checkPlace(life: Life): void {
    const around = this.#judged.lives.get(wholeOf(life) ?? "");
    if (!around) return;
    const { id, begin, end } = life;
    const part = this.#name(id);
    const whole = around.id === this.#run ? "the run" : `"${this.#name(around.id)}"`;
    // What came from another log is written down in the order of its ends.
    if (life.from === undefined && numberOf(begin) < numberOf(around.begin)) {
      this.#faults.push(`"${part}" began before ${whole}, of which it is a part`);
    }
    // What is cancelled as a whole is over before its parts are.
    if (!around.end || around.end.event.type === "cancelled") return;
    if (!end || numberOf(end) > numberOf(around.end)) {
      this.#faults.push(`"${part}" was not over when ${whole} was, of which it is a part`);
    }
  }

  /** A run is done when something became of each of its nodes. */
  #checkWhole({ run, plan }: ProvenGraph): void {
    const { lives } = this.#judged;
    if (lives.get(run)?.end?.event.type !== "completed") return;
    for (const node of plan.nodes.keys()) {
      const id = `${run}.${node}`;
      if (lives.has(id)) continue;
      this.#faults.push(
        `the beginning of "${this.#name(id)}" is not there, although the run is done`,
      );
    }
  }

  #edgesOf({ run, plan }: ProvenGraph): readonly ProvenEdge[] {
    const { lives } = this.#judged;
    return [...plan.nodes.values()].flatMap(({ node, before }) => {
      const life = lives.get(`${run}.${node.id}`);
      if (!life || life.begin.event.kind === "workflow.skipped") return [];
      const edges = before.map((id) => this.#edge(`${run}.${id}`, life));
      const kept = edges.flatMap(({ edge, fault }) => (fault === undefined ? [edge] : []));
      // It began with the first that was done, and did not wait for the others.
      if (node.join === "one_success" && kept.length > 0) return kept;
      this.#faults.push(...edges.flatMap(({ fault }) => fault ?? []));
      return kept;
    });
  }

  #edge(from: string, life: Life): { readonly edge: ProvenEdge; readonly fault?: string } {
    const { lives, home } = this.#judged;
    const { id, begin } = life;
    const before = lives.get(from);
    const edge = { from: this.#name(from), to: this.#name(id) };
    const what = `"${edge.to}" began (event ${numberOf(begin)} of ${home.name})`;
    if (life.from !== undefined) {
      return { edge: { ...edge, unproven: `it began at ${life.from}, whose log is not there` } };
    }
    if (!before?.end) return { edge, fault: `${what} although "${edge.from}" was not over` };
    if (numberOf(before.end) > numberOf(begin)) {
      const when = `(event ${numberOf(before.end)})`;
      return { edge, fault: `${what} before "${edge.from}" was over ${when}` };
    }
    const unseen = new Set([...(this.#unseen.get(from) ?? []), ...(this.#unseen.get(id) ?? [])]);
    const unproven = `what ${[...unseen].join(" and ")} did is not there`;
    return { edge: unseen.size === 0 ? edge : { ...edge, unproven } };
  }
}

/** Whose sides are not there, by the ids of calls, and of the nodes and runs that these are parts of. */
function unseenParts(
  calls: ReadonlyMap<string, string>,
  lives: ReadonlyMap<string, Life>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const unseen = new Map<string, Set<string>>();
  for (const [call, owner] of calls) {
    for (let id: string | undefined = call; id !== undefined; ) {
      const owners: Set<string> = unseen.get(id) ?? new Set();
      unseen.set(id, owners.add(owner));
      id = wholeOf(lives.get(id));
    }
  }
  return unseen;
}

/** The node or the run that a task is a part of; undoing is part of none. */
function wholeOf(life: Life | undefined): string | undefined {
  const flow = life?.begin.event.flow;
  if (!flow || flow.role === "undo") return undefined;
  return flow.role === "item" ? `${flow.run}.${flow.node}` : flow.run;
}
