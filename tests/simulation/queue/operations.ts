/** The history of a run as operations on each of its tasks. @module */

import type { Task, Token } from "../../../src/queue/task.ts";
import type { History, Invocation } from "./history.ts";
import type { Operation } from "./linearizable.ts";

/** Tokens as numbers of the same order. */
const rankOf = ({ epoch, attempt }: Token): number => epoch * 100_000 + attempt;

/** What was done to each task, and at last what became of it. */
export function operationsOf(
  history: History,
  rows: readonly Task[],
): ReadonlyMap<string, readonly Operation[]> {
  const operations = new Map<string, Operation[]>();
  const add = (id: string, operation: Operation): void => {
    const known = operations.get(id) ?? [];
    known.push(operation);
    operations.set(id, known);
  };
  for (const invocation of history.invocations) {
    for (const [id, operation] of operationsIn(invocation)) add(id, operation);
  }
  for (const { spec, state, token, resultCid } of rows) {
    const cid = resultCid === undefined ? {} : { cid: resultCid };
    // After everything else.
    const last = { invokedAt: Number.MAX_SAFE_INTEGER - 1, answeredAt: Number.MAX_SAFE_INTEGER };
    add(spec.id, { kind: "read", token: rankOf(token), said: state, ...cid, ...last });
  }
  return operations;
}

function operationsIn(invocation: Invocation): readonly (readonly [string, Operation])[] {
  const { request, answer, invokedAt, answeredAt } = invocation;
  const times = { invokedAt, ...(answeredAt !== undefined && { answeredAt }) };
  switch (request.op) {
    case "claim":
      return answer && "tasks" in answer
        ? answer.tasks.map(({ spec, token }) => [
            spec.id,
            { kind: "claim", token: rankOf(token), said: "leased", ...times },
          ])
        : [];
    case "complete":
    case "fail":
    case "give-back":
    case "cancel": {
      const said = saidIn(invocation);
      if (said === "nothing") return [];
      const token = "token" in request ? rankOf(request.token) : 0;
      const cid = request.op === "complete" ? { cid: request.result.cid } : {};
      const known = { kind: request.op, token, ...cid };
      // A copy of a request that failed may have come through later.
      if (said === undefined) return [[request.id, { ...known, invokedAt }]];
      return [[request.id, { ...known, said, ...times }]];
    }
    default:
      return [];
  }
}

function saidIn({ answer }: Invocation): string | undefined {
  if (!answer) return undefined;
  if ("task" in answer) return answer.task?.state;
  if (!("refused" in answer)) return undefined;
  if (answer.refused === "lease_lost") return "stale";
  // The task had been forgotten.
  return answer.refused === "not_found" ? "nothing" : undefined;
}
