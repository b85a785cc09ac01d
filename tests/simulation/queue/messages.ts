/** What the processes of a simulation say to each other. @module */

import type { Failure, Result } from "../../../src/queue/commands/settle.ts";
import type { HeartbeatAnswer } from "../../../src/queue/queue-types.ts";
import type { Task, TaskProgress, TaskSpec, Token } from "../../../src/queue/task.ts";

/** What a client wants done; the owner adds the time and the id. */
export interface Wanted {
  readonly spec: Omit<TaskSpec, "id" | "submittedAt" | "queue" | "generation" | "caller">;
  readonly priority: number;
  readonly delayMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** One attempt of one task. */
export interface Attempt {
  readonly id: string;
  readonly token: Token;
}

/** What the owner is asked. */
export type Request =
  | { readonly op: "submit"; readonly id: string; readonly wanted: Wanted }
  | {
      readonly op: "claim";
      readonly worker: string;
      readonly abilities: readonly string[];
      readonly max: number;
      readonly waitMs: number;
    }
  | { readonly op: "heartbeat"; readonly worker: string; readonly leases: readonly Attempt[] }
  | ({ readonly op: "complete"; readonly result: Result } & Attempt)
  | ({ readonly op: "fail"; readonly failure: Failure } & Attempt)
  | ({ readonly op: "give-back" } & Attempt)
  | ({ readonly op: "progress"; readonly progress: TaskProgress; readonly log: string } & Attempt)
  | { readonly op: "cancel"; readonly id: string; readonly graceMs: number }
  | { readonly op: "prioritize"; readonly id: string; readonly priority: number }
  | { readonly op: "update"; readonly id: string; readonly note: string }
  | { readonly op: "resubmit"; readonly id: string; readonly newId: string }
  | { readonly op: "settled"; readonly id: string; readonly waitMs: number }
  | { readonly op: "prune" }
  | RunRequest;

/** What is asked of the workflows of a queue, where it has any. */
export type RunRequest =
  | {
      readonly op: "submit-run";
      readonly id: string;
      readonly key: string;
      readonly workflow: Readonly<Record<string, unknown>>;
      readonly input: unknown;
    }
  | { readonly op: "pause-run"; readonly id: string }
  | { readonly op: "resume-run"; readonly id: string };

/** What a worker says of an attempt that is over. */
export type Settling = Extract<Request, { readonly op: "complete" | "fail" | "give-back" }>;

/** What the owner answers. */
export type Answer =
  | { readonly task: Task | undefined; readonly isDuplicate?: boolean }
  | { readonly tasks: readonly Task[] }
  | { readonly beat: HeartbeatAnswer }
  | { readonly pruned: number }
  /** The code of an error. */
  | { readonly refused: string };

/** Who asks: a name on the network. */
export type Party = string;

/** What travels: `party` asks, or is answered. */
export type Message =
  | { readonly party: Party; readonly rid: number; readonly request: Request }
  | { readonly party: Party; readonly rid: number; readonly answer: Answer };

/** A token as text. */
export const textOf = ({ epoch, attempt }: Token): string => `${epoch}.${attempt}`;
