/** Which branches lead to which nodes. @module */

import type { WorkflowNode } from "./definition.ts";
import { fault, type Path } from "./faults.ts";

/** The branches that each node is a way of. */
export function gatesOf(
  nodes: readonly WorkflowNode[],
  places: ReadonlyMap<string, number>,
  path: Path,
): ReadonlyMap<string, readonly string[]> {
  const gates = new Map<string, string[]>();
  for (const { id, target, place } of waysIn(nodes, path)) {
    if (!places.has(target)) throw fault(place, `leads to "${target}", and no node has this id`);
    if (target === id) throw fault(place, "leads back to its own node", "cyclic_workflow");
    const known = gates.get(target) ?? [];
    if (!known.includes(id)) gates.set(target, [...known, id]);
  }
  return gates;
}

function waysIn(
  nodes: readonly WorkflowNode[],
  path: Path,
): readonly { readonly id: string; readonly target: string; readonly place: Path }[] {
  return nodes.flatMap(({ id, work }, at) => {
    if (work.kind !== "branch") return [];
    return work.ways.flatMap(({ to }, way) =>
      to.map((target) => ({ id, target, place: [...path, "nodes", at, "branch", way] })),
    );
  });
}
