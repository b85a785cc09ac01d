/** A run, line by line, for whoever has to find out what went wrong. @module */

import { readLog } from "./log-chain.ts";
import { textOf } from "./messages.ts";
import { BEGIN } from "./owner.ts";
import type { Fault } from "./plan.ts";
import type { Remains } from "./verify.ts";

/** What was planned, and what the queue's log says. */
export function storyOf(
  planned: readonly Fault[],
  remains: Remains | undefined,
): readonly string[] {
  const faults = planned
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ kind, atMs, lastsMs, whom }) => `fault ${atMs} ms: ${kind} ${whom} for ${lastsMs} ms`);
  if (!remains) return faults;
  const { events } = readLog(remains.log, remains.meta);
  const lines = events.map(({ epoch, event }) => {
    const { number, task, at, type, token, worker, groupKey, ...rest } = event;
    const facts = [
      token ? `token ${textOf(token as Parameters<typeof textOf>[0])}` : "",
      worker ? `by ${worker}` : "",
      groupKey ? `group ${groupKey} ${JSON.stringify(rest.groupLimit ?? rest.groupRate)}` : "",
    ];
    const more = facts.filter((fact) => fact !== "").join(", ");
    return `${number} (epoch ${epoch}) ${at - BEGIN} ms: ${task} ${type} ${more}`;
  });
  return [...faults, ...lines];
}
