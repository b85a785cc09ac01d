/** What a program does with tasks of a kind of its own. @module */

/** Does the tasks of one kind; what it throws is the failure of the attempt. */
export type TaskHandler = (
  input: unknown,
  context: {
    /** Fires on cancellation, deadline, or when the task is another's. */
    readonly signal: AbortSignal;
    /** The same for every attempt: what is done under it is done once. */
    readonly idempotencyKey: string;
    progress(done: number, total?: number, message?: string): void;
    /** A line for those who look at the task. */
    log(line: string): void;
  },
) => unknown;
