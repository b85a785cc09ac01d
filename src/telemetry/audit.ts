/** The audit log: who called what, and how it ended, as an event and as one JSON line. @module */

import { argsDigest } from "./args-digest.ts";
import type { EventFeed, ToolCallEvent } from "./event-feed.ts";

/** What is known of a call that has ended. */
export type EndedCall = Omit<ToolCallEvent, "type" | "argsDigest">;

/** What the audit log needs. */
export interface AuditNeeds {
  readonly feed: Pick<EventFeed, "publish">;
  /** Takes one line with its line end; must not throw. */
  readonly write: (line: string) => void;
  readonly clock: { now(): number };
  /** Whether lines are written and inputs digested; asked for every call. */
  readonly isOn: () => boolean;
}

/** A function to call once for every call that has ended. */
export function createAudit(needs: AuditNeeds): (call: EndedCall, input: unknown) => void {
  // Under load many calls end in the same millisecond.
  let last = { at: Number.NaN, text: "" };
  const timeOf = (at: number): string => {
    if (last.at !== at) last = { at, text: new Date(at).toISOString() };
    return last.text;
  };
  const finish = (call: EndedCall, at: number, argsDigest: string): void => {
    const event: ToolCallEvent = { type: "tool_call", ...call, argsDigest };
    needs.feed.publish(event);
    // The event is an object with at least one field, so its JSON goes on after the brace.
    const fields = JSON.stringify(event).slice(1);
    needs.write(`{"time":"${timeOf(at)}","level":"audit",${fields}\n`);
  };

  return (call, input) => {
    if (!needs.isOn()) return needs.feed.publish({ type: "tool_call", ...call });
    const at = needs.clock.now();
    const digest = digestOf(input);
    if (typeof digest === "string") finish(call, at, digest);
    else void digest.then((later) => finish(call, at, later));
  };
}

/** A call inside this process may carry what JSON cannot hold; it is recorded all the same. */
function digestOf(input: unknown): string | Promise<string> {
  try {
    return argsDigest(input);
  } catch {
    return "not JSON";
  }
}
