/**
 * The plans of runs that go on, by the CIDs of their definitions.
 *
 * Transactions are synchronous and a definition may be on a disk: what is not in memory is thrown as
 * {@link MissingPlan}, read, and the transaction is run again.
 *
 * @module
 */

import { decode } from "@ipld/dag-cbor";
import { type Block, blockOf } from "../ipld/block.ts";
import { LIMITS, type Work, type WorkflowDefinition } from "./definition.ts";
import { type Plan, planOf } from "./plan.ts";
import { parseWorkflow } from "./written.ts";

/** A plan is needed that is not in memory; no error of anybody, and so not of our families. */
export class MissingPlan extends Error {
  override readonly name = "MissingPlan";
  readonly definition: string;

  constructor(definition: string) {
    super(`The definition ${definition} is not in memory`);
    this.definition = definition;
  }
}

/** A definition as it is stored. */
export interface StoredDefinition {
  readonly cid: string;
  readonly bytes: Uint8Array;
  readonly plan: Plan;
}

/**
 * Plans that are kept: more than one transaction can ask for, which is run again for each that is
 * missing. 256 commands may each end a run within a run, and so on, to the depth that is allowed.
 */
const MAX_KEPT = 256 * LIMITS.depth;

/** Plans by definition: a CID, or the CID of the workflow around it and the nodes on the way, `cid/node`. */
export class Plans {
  readonly #read: (cid: string) => Promise<Uint8Array | undefined>;
  readonly #known = new Map<string, StoredDefinition | undefined>();
  readonly #within = new WeakMap<WorkflowDefinition, Plan>();

  /** `read` finds a definition's bytes by its CID. */
  constructor(read: (cid: string) => Promise<Uint8Array | undefined>) {
    this.#read = read;
  }

  /** Learn a written workflow; throws where it is wrong. */
  add(written: unknown): StoredDefinition {
    const block = blockIn(written);
    // Most runs are of a workflow that ran before.
    const known = block && this.#known.get(block.cid.toString());
    const plan = known?.plan ?? planOf(parseWorkflow(written));
    const { cid, bytes } = block ?? blockOf(written);
    const stored = known ?? { cid: cid.toString(), bytes, plan };
    this.#keep(stored.cid, stored);
    return stored;
  }

  /** `undefined` where nobody has the definition; throws {@link MissingPlan}. */
  get(definition: string): Plan | undefined {
    const [cid = "", ...nodes] = definition.split("/");
    let plan = this.stored(cid)?.plan;
    for (const node of nodes) {
      const work = plan?.nodes.get(node)?.node.work;
      plan = work?.kind === "sub" ? this.#planned(work.workflow) : undefined;
    }
    return plan;
  }

  /** The definition of this CID, as it is stored. */
  stored(cid: string): StoredDefinition | undefined {
    if (!this.#known.has(cid)) throw new MissingPlan(cid);
    return this.#known.get(cid);
  }

  /**
   * The written workflows of these CIDs, and of those that they name, as far as they are known; throws
   * {@link MissingPlan}.
   */
  writtenOf(cids: Iterable<string>): readonly unknown[] {
    const found = new Map<string, unknown>();
    const wanted = new Set(cids);
    for (const cid of wanted) {
      const stored = this.stored(cid);
      if (!stored) continue;
      found.set(cid, decode(stored.bytes));
      for (const named of namedBy(stored.plan.definition)) wanted.add(named);
    }
    return [...found.values()];
  }

  /** How the workflow of a `sub` is called, and its plan. */
  within(
    around: string,
    node: string,
    { workflow }: Extract<Work, { kind: "sub" }>,
  ): { readonly definition: string; readonly plan: Plan | undefined } {
    const definition = typeof workflow === "string" ? workflow : `${around}/${node}`;
    return { definition, plan: this.#planned(workflow) };
  }

  /** Read what was missing; whether that was what `error` is about. */
  async prepare(error: unknown): Promise<boolean> {
    if (!(error instanceof MissingPlan)) return false;
    const { definition: cid } = error;
    const bytes = await this.#read(cid);
    const plan = bytes && planOf(parseWorkflow(decode(bytes)));
    this.#keep(cid, bytes && plan && { cid, bytes, plan });
    return true;
  }

  #planned(workflow: string | WorkflowDefinition): Plan | undefined {
    if (typeof workflow === "string") return this.get(workflow);
    const plan = this.#within.get(workflow) ?? planOf(workflow);
    this.#within.set(workflow, plan);
    return plan;
  }

  #keep(cid: string, stored: StoredDefinition | undefined): void {
    this.#known.delete(cid);
    this.#known.set(cid, stored);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KEPT && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** CIDs of workflows that one runs within it. */
function* namedBy({ nodes }: WorkflowDefinition): Generator<string, void> {
  for (const { work } of nodes) {
    if (work.kind !== "sub") continue;
    if (typeof work.workflow === "string") yield work.workflow;
    else yield* namedBy(work.workflow);
  }
}

/** `undefined` where no block can hold it; parsing tells what is wrong, and where. */
function blockIn(written: unknown): Block | undefined {
  try {
    return blockOf(written);
  } catch {
    return undefined;
  }
}
