/**
 * Calls that are for a queue, maybe that of a peer: what the tools of tasks and workflows take, and
 * where a call of one is answered.
 *
 * @module
 */

import * as v from "valibot";
import type { ToolContext } from "./context.ts";
import type { CallResult } from "./result.ts";
import type { TaskScope } from "./tasks.ts";

/** A server elsewhere has 30 s for an answer; a longer wait is several of them. */
const PART_MS = 20_000;

/** See {@link placeEntries}. */
export interface PlaceEntries {
  readonly peer: v.OptionalSchema<v.GenericSchema<string>, undefined>;
  readonly queue: v.OptionalSchema<v.GenericSchema<string>, "default">;
}

/** Taken by every tool that works on a queue. */
export const placeEntries: PlaceEntries = {
  peer: v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(1024),
      v.description("Ask that peer's queue: its id or a multiaddr"),
    ),
  ),
  queue: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
      v.description("Name of the queue: up to 64 of a-z, 0-9, . _ -"),
    ),
    "default",
  ),
};

/** What every input of such a tool holds. */
export interface Placed {
  readonly peer?: string | undefined;
  readonly queue: string;
}

type Surroundings = Pick<ToolContext, "tasks" | "caller" | "signal">;

/** The same call at the peer that it names; `undefined` where it names none. */
export function atPeer(
  tool: string,
  { peer, ...call }: Placed,
  context: Surroundings,
): Promise<CallResult> | undefined {
  return peer === undefined ? undefined : context.tasks.forward(peer, tool, call, context);
}

/** Answer here, or where the call names a peer or the queues of this server are elsewhere, there. */
export async function answerPlaced<Input extends Placed, T>(
  tool: string,
  input: Input,
  context: Surroundings,
  here: (scope: TaskScope, rest: Omit<Input, "peer" | "queue">) => Promise<T>,
): Promise<T | CallResult> {
  const forwarded = atPeer(tool, input, context);
  if (forwarded) return forwarded;
  const { tasks, caller } = context;
  const { peer: _, queue, ...rest } = input;
  const elsewhere = await tasks.elsewhere();
  if (elsewhere) return elsewhere(tool, { queue, ...rest }, context);
  return here({ caller, queue }, rest);
}

/** Ask until the state is another one than these, or the time is over. */
export async function waitInParts<T extends object>(
  totalMs: number,
  waiting: ReadonlySet<unknown>,
  ask: (waitMs: number) => Promise<T | CallResult>,
): Promise<T | CallResult> {
  let leftMs = totalMs;
  for (;;) {
    const waitMs = Math.min(leftMs, PART_MS);
    const answer = await ask(waitMs);
    leftMs -= waitMs;
    if (leftMs <= 0 || !waiting.has(stateOf(answer))) return answer;
  }
}

function stateOf(answer: object): unknown {
  const facts = "content" in answer ? (answer as CallResult).structuredContent : answer;
  return typeof facts === "object" && facts !== null && "state" in facts ? facts.state : undefined;
}
