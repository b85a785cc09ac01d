/** Who comes before and after whom, and an order that heeds it. @module */

import { fault, type Path } from "./faults.ts";

/** Nodes by the nodes that they come after. */
export function inverse(before: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const after = new Map<string, string[]>([...before.keys()].map((id) => [id, []]));
  for (const [id, needs] of before) for (const need of needs) after.get(need)?.push(id);
  return after;
}

/** Kahn's algorithm (CACM 5:11, 1962); what is left over is on a cycle, or behind one. */
export function orderOf(
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
  placeOf: (id: string) => Path,
): readonly string[] {
  const left = new Map([...before].map(([id, needs]) => [id, needs.length]));
  const order = [...left].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const next of after.get(id) ?? []) {
      const count = (left.get(next) ?? 0) - 1;
      left.set(next, count);
      if (count === 0) order.push(next);
    }
  }
  if (order.length === before.size) return order;
  const done = new Set(order);
  const cycle = cycleAmong(before, done);
  throw fault(
    placeOf(cycle[0] ?? ""),
    `waits for itself: ${[...cycle, cycle[0]].join(" ← ")}`,
    "cyclic_workflow",
  );
}

/** Going back from any node that is left, one comes to a cycle. */
function cycleAmong(
  before: ReadonlyMap<string, readonly string[]>,
  done: ReadonlySet<string>,
): readonly string[] {
  const way: string[] = [];
  let at = [...before.keys()].find((id) => !done.has(id));
  while (at !== undefined && !way.includes(at)) {
    way.push(at);
    at = before.get(at)?.find((id) => !done.has(id));
  }
  return way.slice(way.indexOf(at ?? ""));
}
