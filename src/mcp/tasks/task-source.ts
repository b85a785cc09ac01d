/** The queue as MCP Tasks need it; `src/app/mcp-tasks.ts` has it of the task queue. Types only. @module */

import type { ErrorReport } from "../../errors.ts";
import type { Caller } from "../../registry/caller.ts";
import type { ClientCapabilities, InputResponses } from "../../registry/context.ts";
import type { CallResult } from "../../registry/result.ts";

/** A call that is to become a task. */
export interface NewCallTask {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  /** What the client can be asked while the task runs. */
  readonly client: ClientCapabilities;
  /** How long the tool says that it may take. */
  readonly timeoutMs?: number;
  /** What it answered before. */
  readonly inputResponses?: InputResponses;
  readonly requestState?: string;
}

/** A call that became a task. Times are ISO-8601. */
export interface CallTask {
  readonly id: string;
  readonly state: "working" | "waiting" | "done" | "failed" | "cancelled";
  /** For people: how far it is, or why it ended. */
  readonly message?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** From its creation until it may be forgotten; `null` while it is not over. */
  readonly ttlMs: number | null;
  /** Waiting: MCP's input requests by key; no key ever names a second one. */
  readonly questions?: Readonly<Record<string, unknown>>;
  /** Done. */
  readonly result?: CallResult;
  /** Failed. */
  readonly error?: ErrorReport;
}

/** Keeps tasks, each for its caller alone: anybody else's is not there. */
export interface TaskSource {
  /** Resolves when the task would survive a crash. */
  submit(call: NewCallTask): Promise<CallTask>;
  task(id: string, caller: Caller): Promise<CallTask | undefined>;
  /** Answers by key; those to no open question are left aside. `false` where there is no such task. */
  answer(id: string, caller: Caller, answers: InputResponses): Promise<boolean>;
  /** Ask for its end; `false` where there is no such task. */
  cancel(id: string, caller: Caller): Promise<boolean>;
  /** Tell the id of each task of the caller that changed, until the signal fires. */
  watch(caller: Caller, changed: (id: string) => void, signal: AbortSignal): void;
}
