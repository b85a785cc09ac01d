/**
 * A workflow as data: nodes that call tools, decide, repeat and wait, and what they need of each other.
 *
 * A text that is a reference, such as `$fetch.result.rows`, stands for a value of another node; what a
 * node refers to comes before it, and so does what it names in `after`. `$$` is a dollar.
 *
 * | reference | in | stands for |
 * |---|---|---|
 * | `$input`, `$peers` | everywhere | what the run was submitted with, and the peers that take part |
 * | `$node.result`, `.results`, `.payload`, `.error`, `.state`, `.peer` | after that node | what became of it, and where |
 * | `$item`, `$index` | `map` | the item, and its place from 0 |
 * | `$last`, `$index` | `loop` | the result of the round before (`null` at first), and its number |
 *
 * @module
 */

import { MAX_PASSED_BYTES } from "../queue/commands/settle.ts";

/** What must have become of the nodes before, for a node to run; else it is skipped. */
export type JoinRule = "all_success" | "all_done" | "one_success" | "none_failed";

/** A call of a tool; the input may hold references. */
export interface ToolCall {
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** Attempts of a call, and the pauses between them, in ms. */
export interface Retry {
  readonly maxAttempts?: number;
  readonly backoff?: {
    readonly initialMs?: number;
    readonly factor?: number;
    readonly maxMs?: number;
    readonly jitter?: number;
  };
}

/** How a call is made. */
export interface CallOptions {
  readonly retry?: Retry;
  /** For one attempt, in ms. */
  readonly timeoutMs?: number;
  /** Who may work it: workers with these abilities, of this queue or of that of a peer. */
  readonly peer?: {
    readonly requires?: readonly string[];
    /** Peers of which one gets the call into its queue; may be a reference. */
    readonly at?: string | readonly string[];
  };
}

/** A call with its options, as maps and loops repeat it. */
export interface Body extends ToolCall, CallOptions {}

/** One way of a branch. */
export interface Way {
  /** A condition (CEL); left out, it is the way for when no other is taken. */
  readonly when?: string;
  readonly to: readonly string[];
}

/** What a node does. */
export type Work =
  | ({ readonly kind: "tool" } & Body)
  | {
      readonly kind: "map";
      /** A list, most often a reference. */
      readonly over: unknown;
      /** Items that are worked at once. */
      readonly maxParallel?: number;
      readonly body: Body;
    }
  | { readonly kind: "branch"; readonly ways: readonly Way[] }
  | {
      readonly kind: "loop";
      readonly body: Body;
      /** A condition (CEL) on `$last`; it ends when that holds. */
      readonly until: string;
      readonly max: number;
    }
  | {
      readonly kind: "sub";
      /** A definition's CID, or the definition. */
      readonly workflow: string | WorkflowDefinition;
      readonly input?: unknown;
    }
  | {
      readonly kind: "wait";
      /** Left out, only time is waited for. */
      readonly signal?: string;
      /** Somebody has to say yes or no; shown to whoever is asked. */
      readonly approval?: string;
      readonly timeoutMs?: number;
    }
  /** Its result is this, with references replaced. */
  | { readonly kind: "collect"; readonly value: unknown };

/** A node of the graph. */
export interface WorkflowNode {
  readonly id: string;
  readonly work: Work;
  /** Nodes that come before although nothing of them is referred to. */
  readonly after: readonly string[];
  readonly join: JoinRule;
  /** Undoes what the node did, when the run fails or is cancelled. */
  readonly compensate?: ToolCall;
}

/** A graph of nodes. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly nodes: readonly WorkflowNode[];
  /** The run's result; left out, the results of the nodes that nobody comes after. */
  readonly output?: unknown;
}

/** Bounds of what is accepted, so that one run cannot starve the rest. */
export const LIMITS: {
  readonly nodes: number;
  readonly depth: number;
  readonly items: number;
  readonly payloadBytes: number;
  readonly expressionLength: number;
} = {
  nodes: 10_000,
  /** Workflows within workflows. */
  depth: 8,
  /** Items of one map, rounds of one loop. */
  items: 10_000,
  /** JSON of an input or a result, in bytes. */
  payloadBytes: MAX_PASSED_BYTES,
  /** Of a condition. */
  expressionLength: 1_000,
};
