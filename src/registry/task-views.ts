/** Tasks, queues and workers as everybody sees them. Times are ISO-8601, spans ms. @module */

/** Where a task is in its life. */
export type TaskStateName =
  | "scheduled"
  | "ready"
  | "leased"
  | "done"
  | "failed"
  | "cancelled"
  | "dead";

/** A right to one attempt, as text: `epoch.attempt`. */
export type TaskToken = string;

/** What a task asks for; what is left out, the configuration says. */
export interface TaskRequest {
  readonly kind: string;
  readonly tool?: string | undefined;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly priority?: number | undefined;
  /** ISO-8601. */
  readonly runAt?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly backoff?:
    | {
        readonly initialMs?: number | undefined;
        readonly factor?: number | undefined;
        readonly maxMs?: number | undefined;
        readonly jitter?: number | undefined;
      }
    | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly groupKey?: string | undefined;
  readonly groupLimit?: number | undefined;
  readonly groupRate?: { readonly count: number; readonly perMs: number } | undefined;
  readonly session?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly requires?: readonly string[] | undefined;
  readonly resultTtlMs?: number | undefined;
  /** Cron expression: the task comes back, its first time at the next moment. */
  readonly cron?: string | undefined;
  /** IANA time zone of `cron`; UTC unless told. */
  readonly timezone?: string | undefined;
  /** For tools that ask: what the submitter can answer, and what it has answered already. */
  readonly opening?:
    | {
        readonly client?: Readonly<Record<string, unknown>>;
        readonly answers?: Readonly<Record<string, unknown>>;
        readonly state?: string;
      }
    | undefined;
}

/** An error as tasks carry it. */
export interface TaskFault {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** How far a task has come. */
export interface TaskProgressInfo {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/** A task, as everybody sees it. */
export interface TaskInfo {
  readonly taskId: string;
  readonly queue: string;
  readonly kind: string;
  readonly tool?: string;
  readonly state: TaskStateName;
  readonly priority: number;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly stalls: number;
  readonly generation: number;
  readonly previousTaskId?: string;
  readonly submittedBy: string;
  readonly submittedAt: string;
  /** Not before; left out where it waits for something else than a moment. */
  readonly runAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly updatedAt: string;
  readonly groupKey?: string;
  readonly session?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly note?: string;
  readonly requires: readonly string[];
  readonly cron?: string;
  readonly progress?: TaskProgressInfo;
  /** The peer in whose queue it is, or is to be, worked. */
  readonly peer?: string;
  readonly lease?: {
    readonly worker: string;
    readonly token: TaskToken;
    readonly epoch: number;
    readonly leftMs?: number;
    readonly isCancelling: boolean;
  };
  readonly error?: TaskFault;
  /** What its handler asks its submitter, by key, in the round of this number; it waits for the answers. */
  readonly asks?: {
    readonly round: number;
    readonly questions: Readonly<Record<string, unknown>>;
  };
  /** When a task that is over may be forgotten. */
  readonly keptUntil?: string;
  /** What its handlers said, oldest first; not in lists. */
  readonly log?: readonly string[];
}

/** One line of a task's history. */
export interface TaskHistoryEntry {
  readonly number: number;
  readonly at: string;
  readonly type: string;
  /** CID of the event's dag-cbor. */
  readonly cid: string;
  /** CID of the header of the commit that holds it. */
  readonly commit: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What became of a task. */
export interface TaskOutcome {
  readonly taskId: string;
  readonly state: TaskStateName;
  readonly result?: unknown;
  readonly error?: TaskFault;
  readonly resultCid?: string;
  /** From the first start to the end; 0 while there was none. */
  readonly durationMs: number;
  readonly attempts: number;
}

/** How a queue is doing. */
export interface QueueStatus {
  readonly queue: string;
  readonly healthy: boolean;
  /** Peer id of the owner, or `local` where there is no mesh. */
  readonly owner: string;
  readonly epoch: number;
  readonly durability: string;
  readonly counts: Readonly<Record<TaskStateName, number>>;
  readonly draining: boolean;
  /** Age of the oldest claimable task. */
  readonly backlogAgeMs: number;
  readonly workers: number;
  readonly detail?: {
    readonly claimable: readonly {
      readonly kind: string;
      readonly tool?: string;
      readonly requires: readonly string[];
      readonly count: number;
    }[];
    readonly storeBytes?: number;
    readonly lastCommitMs?: number;
    readonly events: number;
    readonly commits: number;
    readonly head?: string;
  };
}

/** A worker, as people see it. */
export interface WorkerInfo {
  readonly worker: string;
  readonly slots?: number;
  readonly host?: string;
  readonly version?: string;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly stalled: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly lastHeartbeat: string;
}
