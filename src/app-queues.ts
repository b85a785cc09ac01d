/** What a running server offers of its queues to the program around it. @module */

/** How the queues of an app are doing. */
export interface QueueReport {
  readonly state: "off" | "idle" | "opening" | "open" | "elsewhere" | "failed";
  /** Why they are not open here. */
  readonly reason?: string;
}

/** How this process works the queues of peers. */
export interface WorkOptions {
  /** Their ids, names or addresses. */
  readonly peers: readonly string[];
  /** Left out, `default`. */
  readonly queue?: string;
  /** How the worker calls itself. */
  readonly name: string;
  readonly slots: number;
  /** Tools to work; left out, all that this process has itself. */
  readonly tools?: readonly string[];
  readonly abilities?: readonly string[];
}

/** A worker that can be asked to stop. */
export interface AppWorker {
  /** Tasks that it works on. */
  readonly size: number;
  /** Claim no more; what runs may finish for `graceMs`, and is given back then. */
  drain(graceMs: number): Promise<{ readonly finished: number; readonly released: number }>;
}

/** The queues of an app. */
export interface AppQueues {
  report(): QueueReport;
  /** Work the queues of peers with one worker; connects to them where need be. */
  workAt(options: WorkOptions): Promise<AppWorker>;
}
