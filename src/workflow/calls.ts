/** The calls that a workflow makes, for whoever checks them before it runs. @module */

import type { Body, ToolCall, WorkflowDefinition } from "./definition.ts";
import type { Path } from "./faults.ts";

/** A call, and where it is written. */
export interface PlacedCall {
  readonly call: ToolCall & Pick<Body, "peer">;
  readonly path: Path;
}

/** Tools that a workflow calls, with their places. */
export function* callsIn(
  { nodes }: WorkflowDefinition,
  path: Path = [],
): Generator<PlacedCall, void> {
  for (const [at, { work, compensate }] of nodes.entries()) {
    const place = [...path, "nodes", at];
    if (work.kind === "tool") yield { call: work, path: place };
    if (work.kind === "map") yield { call: work.body, path: [...place, "map", "node"] };
    if (work.kind === "loop") yield { call: work.body, path: [...place, "loop", "node"] };
    if (work.kind === "sub" && typeof work.workflow !== "string") {
      yield* callsIn(work.workflow, [...place, "sub", "workflow"]);
    }
    if (compensate) yield { call: compensate, path: [...place, "compensate"] };
  }
}
