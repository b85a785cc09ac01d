/** In which order tasks are claimed, and by whom they can be. @module */

import type { Task, TaskSpec } from "./task.ts";

/** Claimed next: higher priority, then whose group has waited longest, then who came first. */
export function compareTasks(a: Task, b: Task): number {
  return b.priority - a.priority || a.tag - b.tag || a.seq - b.seq;
}

/** Whether a worker may have it now. */
export function isClaimable({ state, isHeld }: Pick<Task, "state" | "isHeld">): boolean {
  return state === "ready" && !isHeld;
}

/** What a worker can do, as text that says the same for tasks that need the same. */
export function laneOf({ kind, tool, requires }: TaskSpec): string {
  return JSON.stringify([kind, tool ?? "", ...requires]);
}

/** What a lane asks of a worker. */
export interface LaneNeeds {
  readonly kind: string;
  readonly tool: string | undefined;
  readonly requires: readonly string[];
}

const known = new Map<string, LaneNeeds>();
const MAX_KNOWN = 1_024;

/** The inverse of {@link laneOf}; each claim asks it of every lane. */
export function needsOf(lane: string): LaneNeeds {
  const found = known.get(lane);
  if (found) return found;
  if (known.size >= MAX_KNOWN) known.clear();
  const needs = parseLane(lane);
  known.set(lane, needs);
  return needs;
}

function parseLane(lane: string): LaneNeeds {
  const [kind = "", tool = "", ...requires] = JSON.parse(lane) as string[];
  return { kind, tool: tool === "" ? undefined : tool, requires };
}
