/**
 * A workflow that can be run: its conditions parsed, and who comes before and after whom.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { type Condition, conditionOf } from "./condition.ts";
import type { Body, WorkflowDefinition, WorkflowNode } from "./definition.ts";
import { fault, type Path } from "./faults.ts";
import { gatesOf } from "./gates.ts";
import { inverse, orderOf } from "./order.ts";
import { referencesIn } from "./references.ts";

/** A node in its place. */
export interface PlannedNode {
  readonly node: WorkflowNode;
  /** Nodes that come before; without repetition. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Of a branch: one for each way that has one. Of a loop: when it ends. */
  readonly conditions: readonly (Condition | undefined)[];
  /** Nodes before it of whom this one is a way: they decide whether it runs. */
  readonly gates: readonly string[];
}

/** A workflow in an order in which it can be run. */
export interface Plan {
  readonly definition: WorkflowDefinition;
  /** By id, in a topological order. */
  readonly nodes: ReadonlyMap<string, PlannedNode>;
  /** Nodes that nobody comes after. */
  readonly last: readonly string[];
}

/** Names that stand for what a run was submitted with. */
const GIVEN: ReadonlySet<string> = new Set(["input", "peers"]);
/** Names that stand for something else than a node. */
const RESERVED: ReadonlySet<string> = new Set([...GIVEN, "item", "index", "last"]);

/** The plan of a definition; throws `invalid_input` or `cyclic_workflow` with the path of the fault. */
export function planOf(definition: WorkflowDefinition, path: Path = []): Plan {
  const { nodes } = definition;
  const places = new Map<string, number>();
  for (const [at, { id }] of nodes.entries()) {
    const place = [...path, "nodes", at, "id"];
    if (RESERVED.has(id)) throw fault(place, `is "${id}", which stands for something else`);
    const other = places.get(id);
    if (other !== undefined) throw fault(place, `is "${id}", as that of node ${other} is`);
    places.set(id, at);
  }
  const drafts = nodes.map((node, at) => draftOf(node, [...path, "nodes", at], places));
  checkOutput(definition, [...path, "output"], places);
  const gates = gatesOf(nodes, places, path);
  const before = new Map(
    drafts.map(({ node, needs }) => [
      node.id,
      [...new Set([...needs, ...(gates.get(node.id) ?? [])])],
    ]),
  );
  const after = inverse(before);
  const order = orderOf(before, after, (id) => [...path, "nodes", places.get(id) ?? 0]);
  const byId = new Map(drafts.map((draft) => [draft.node.id, draft]));
  const planned = order.flatMap((id): [string, PlannedNode][] => {
    const draft = byId.get(id);
    if (!draft) return [];
    const { node, conditions } = draft;
    const around = { before: before.get(id) ?? [], after: after.get(id) ?? [] };
    return [[id, { node, conditions, ...around, gates: gates.get(id) ?? [] }]];
  });
  const last = order.filter((id) => (after.get(id) ?? []).length === 0);
  return { definition, nodes: new Map(planned), last };
}

/** What one node needs, before it is known who comes after it. */
interface Draft {
  readonly node: WorkflowNode;
  readonly needs: ReadonlySet<string>;
  readonly conditions: PlannedNode["conditions"];
}

function draftOf(node: WorkflowNode, path: Path, places: ReadonlyMap<string, number>): Draft {
  const needs = new Set<string>();
  const need = (name: string, place: Path, own: readonly string[] = []): void => {
    if (GIVEN.has(name) || own.includes(name)) return;
    if (RESERVED.has(name)) throw fault(place, `uses $${name}, which has no meaning here`);
    if (!places.has(name)) throw fault(place, `refers to $${name}, and no node has this id`);
    if (name === node.id) throw fault(place, "refers to its own node", "cyclic_workflow");
    needs.add(name);
  };
  const refer = (value: unknown, place: Path, own?: readonly string[]): void => {
    for (const { reference, path: at } of referencesIn(value, place)) need(reference.name, at, own);
  };
  for (const [at, id] of node.after.entries()) {
    const place = [...path, "after", at];
    if (!places.has(id)) throw fault(place, `names "${id}", and no node has this id`);
    need(id, place);
  }
  const decide = (text: string, place: Path, own?: readonly string[]): Condition => {
    const condition = conditionOf(text, place);
    for (const name of condition.names) need(name, place, own);
    return condition;
  };
  const body = ({ input, peer }: Body, place: Path, own: readonly string[]): void => {
    refer(input, [...place, "input"], own);
    refer(peer?.at, [...place, "peer", "at"], own);
  };
  const { work } = node;
  switch (work.kind) {
    case "tool":
      body(work, path, []);
      break;
    case "map":
      refer(work.over, [...path, "map", "over"]);
      body(work.body, [...path, "map", "node"], ["item", "index"]);
      break;
    case "loop":
      body(work.body, [...path, "loop", "node"], ["last", "index"]);
      break;
    case "sub":
      refer(work.input, [...path, "sub", "input"]);
      if (typeof work.workflow !== "string") planOf(work.workflow, [...path, "sub", "workflow"]);
      break;
    case "collect":
      refer(work.value, [...path, "collect"]);
      break;
    default:
  }
  const conditions =
    work.kind === "branch"
      ? work.ways.map(({ when }, at) =>
          when === undefined ? undefined : decide(when, [...path, "branch", at, "when"]),
        )
      : work.kind === "loop"
        ? [decide(work.until, [...path, "loop", "until"], ["last", "index"])]
        : [];
  checkCompensation(node, path, places);
  return { node, needs, conditions };
}

/** What undoes a node may also refer to the node itself, and to what is certainly there by then. */
function checkCompensation(
  { id, compensate }: WorkflowNode,
  path: Path,
  places: ReadonlyMap<string, number>,
): void {
  for (const { reference, path: at } of referencesIn(compensate?.input, [
    ...path,
    "compensate",
    "input",
  ])) {
    const { name } = reference;
    if (GIVEN.has(name) || name === id || places.has(name)) continue;
    throw fault(at, `refers to $${name}, and no node has this id`);
  }
}

function checkOutput(
  { output }: WorkflowDefinition,
  path: Path,
  places: ReadonlyMap<string, number>,
): void {
  for (const { reference, path: at } of referencesIn(output, path)) {
    if (GIVEN.has(reference.name) || places.has(reference.name)) continue;
    throw fault(at, `refers to $${reference.name}, and no node has this id`);
  }
}

/** A node and everything after it. */
export function behind(plan: Plan, from: string): readonly string[] {
  if (!plan.nodes.has(from)) {
    const message = `The workflow has no node "${from}": it has ${[...plan.nodes.keys()].slice(0, 20).join(", ")}`;
    throw new InputError("invalid_input", message, { data: { from } });
  }
  const found = new Set([from]);
  for (const id of found) for (const next of plan.nodes.get(id)?.after ?? []) found.add(next);
  return [...found];
}
