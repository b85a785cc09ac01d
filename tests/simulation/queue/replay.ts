/**
 * What a log makes of each task, by rules of its own: few words that owe nothing to the code under
 * test, so that both would have to be wrong in the same way.
 *
 * @module
 */

import type { Task, TaskSpec, TaskState, Token } from "../../../src/queue/task.ts";
import { GroupWatch } from "./group-watch.ts";
import type { ReadEvent } from "./log-chain.ts";
import { textOf } from "./messages.ts";

/** A task as the log tells it; whether a waiting one is ready is a matter of time. */
export interface Replayed {
  readonly id: string;
  readonly spec: Partial<TaskSpec>;
  state: "waiting" | Exclude<TaskState, "scheduled" | "ready">;
  attempts: number;
  stalls: number;
  token: Token | undefined;
  /** Since when it is to be cancelled. */
  cancelSince: number | undefined;
  priority: number | undefined;
  note: string | undefined;
  /** How each attempt ended. */
  readonly ends: Map<string, string>;
  resultCid: string | undefined;
}

/** What the log says, and where it breaks the rules. */
export interface Replay {
  readonly tasks: ReadonlyMap<string, Replayed>;
  readonly faults: readonly string[];
}

/** An event, as far as it matters here. */
interface Event extends Partial<TaskSpec> {
  readonly number: number;
  readonly task: string;
  readonly type: string;
  readonly at: number;
  readonly epoch: number;
  readonly token?: Token;
  readonly isRetryable?: boolean;
  readonly resultCid?: string;
  readonly priority?: number;
  readonly note?: string;
}

/** A task that is to be cancelled is so by then: its grace, a restart, and the disk. */
const MAX_CANCEL_MS = 6_000;
/** What may be said of a task that is over. */
const AFTERWARDS: ReadonlySet<string> = new Set(["stale", "updated"]);
/** What ends an attempt, or is said of the current one. */
const OF_ATTEMPTS: ReadonlySet<string> = new Set([
  "progressed",
  "completed",
  "failed",
  "lost",
  "returned",
  "asked",
]);

/** Tasks of a workflow that no worker works: they are over without an attempt. */
export const isDecidedByOwner = ({ kind = "" }: Partial<TaskSpec>): boolean =>
  kind.startsWith("workflow");

/** Read the events in order; spans of time mean something only where the wall clock is steady. */
export function replay(events: readonly ReadEvent[], isClockSteady: boolean): Replay {
  const player = new Player();
  for (const { epoch, event } of events) player.play({ ...event, epoch } as Event);
  const timed = isClockSteady ? player.timeFaults() : [];
  return { tasks: player.tasks, faults: [...player.faults, ...timed] };
}

class Player {
  readonly tasks = new Map<string, Replayed>();
  readonly faults: string[] = [];
  readonly #groups = new GroupWatch();
  readonly #lateCancels: string[] = [];

  timeFaults(): readonly string[] {
    return [...this.#lateCancels, ...this.#groups.rateFaults()];
  }

  play(event: Event): void {
    const task = this.tasks.get(event.task);
    if (event.type === "submitted") this.#submit(event, task);
    else if (!task) this.#fault(event, "nobody submitted it");
    else if (isOver(task) && !AFTERWARDS.has(event.type)) {
      this.#fault(event, `after it was ${task.state}`);
    } else this.#happen(task, event);
  }

  #fault({ number, task, type }: Event, what: string): void {
    this.faults.push(`event ${number} of ${task}, ${type}: ${what}`);
  }

  #submit(event: Event, known: Replayed | undefined): void {
    if (known) this.#fault(event, "a second time");
    const started = { attempts: 0, stalls: 0, token: undefined, resultCid: undefined };
    const told = { priority: undefined, note: undefined, cancelSince: undefined };
    const { task: id } = event;
    const task: Replayed = {
      ...{ id, spec: event, state: "waiting", ends: new Map() },
      ...started,
      ...told,
    };
    this.tasks.set(id, task);
  }

  #happen(task: Replayed, event: Event): void {
    const { type, at, priority, note } = event;
    if (task.cancelSince !== undefined && at - task.cancelSince > MAX_CANCEL_MS) {
      const ms = at - task.cancelSince;
      this.#lateCancels.push(`${task.id}: ${type} ${ms} ms after it was to be cancelled`);
    }
    if (type === "claimed") this.#claim(task, event);
    else if (type === "cancelled") this.#end(task, "cancelled", type);
    else if (type === "cancel-requested") task.cancelSince = at;
    else if (OF_ATTEMPTS.has(type)) this.#attempt(task, event);
    else if (type === "updated") {
      task.priority = priority ?? task.priority;
      task.note = note ?? task.note;
    }
  }

  #claim(task: Replayed, event: Event): void {
    const { token, epoch, at } = event;
    if (task.state !== "waiting") this.#fault(event, `while ${task.state}`);
    if (token?.epoch !== epoch) this.#fault(event, `with a token of another epoch than ${epoch}`);
    if (token && task.token && !outranks(token, task.token)) {
      this.#fault(event, "with a token that does not outrank the last one");
    }
    Object.assign(task, { state: "leased", token, attempts: task.attempts + 1 });
    for (const what of this.#groups.start(task.spec, at)) this.#fault(event, what);
  }

  /** What is said of an attempt counts only while it is the current one. */
  #attempt(task: Replayed, event: Event): void {
    const { type, token } = event;
    if (isDecidedByOwner(task.spec)) {
      if (type === "completed") task.resultCid = event.resultCid;
      this.#end(task, stateAfter(task, event), type);
      return;
    }
    if (task.state !== "leased") this.#fault(event, `while ${task.state}`);
    if (type === "progressed") return;
    if (!token || !task.token || textOf(token) !== textOf(task.token)) {
      this.#fault(event, "with a token that is not the current one");
    }
    if (task.cancelSince !== undefined && type !== "completed") {
      this.#fault(event, "though it was to be cancelled");
    }
    if (type === "completed") task.resultCid = event.resultCid;
    this.#end(task, stateAfter(task, event), type);
  }

  #end(task: Replayed, state: Replayed["state"], how: string): void {
    if (task.state === "leased") {
      if (task.token) task.ends.set(textOf(task.token), how);
      this.#groups.end(task.spec);
    }
    task.state = state;
    task.cancelSince = undefined;
  }
}

/** What an attempt's end makes of its task; counts what is to be counted. */
function stateAfter(task: Replayed, { type, isRetryable }: Event): Replayed["state"] {
  const { maxAttempts = 0, maxStalls = 0 } = task.spec;
  if (type === "completed") return "done";
  if (type === "failed") {
    if (!isRetryable) return "failed";
    return task.attempts >= maxAttempts ? "dead" : "waiting";
  }
  if (type === "lost") task.stalls += 1;
  if (task.stalls > maxStalls) return "dead";
  // Attempts that were lost, given back or ended with questions do not count.
  task.attempts -= 1;
  return "waiting";
}

const isOver = ({ state }: Replayed): boolean => state !== "waiting" && state !== "leased";

function outranks(a: Token, b: Token): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.attempt > b.attempt);
}

/** Where a row says something else than the log. */
export function differences(row: Task, told: Replayed): readonly string[] {
  const isWaiting = row.state === "scheduled" || row.state === "ready";
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["state", isWaiting ? "waiting" : row.state, told.state],
    ["attempts", row.attempts, told.attempts],
    ["stalls", row.stalls, told.stalls],
    ["token", textOf(row.token), told.token ? textOf(told.token) : textOf(row.token)],
    ["priority", row.priority, told.priority ?? row.priority],
    ["note", row.note, told.note],
    ["result", row.resultCid, told.resultCid],
    ["lease", row.lease !== undefined, told.state === "leased"],
    ["cancellation", row.lease?.cancel !== undefined, told.cancelSince !== undefined],
  ];
  return facts
    .filter(([, here, there]) => here !== there)
    .map(([what, here, there]) => `${row.spec.id}: ${what} is ${here}; the log says ${there}`);
}
