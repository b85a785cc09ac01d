/** What a handler says while it works, told to the owner in good time and in bounded measure. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { HeldTask, TaskSource } from "./task-source.ts";

/** Progress and lines are told this often at the most. */
const TELL_MS = 250;
/** Lines that are told together; of more, the last ones. */
const MAX_LINES = 20;
/** Longer lines are cut. */
const MAX_LINE_LENGTH = 2_000;

/** What a reporter needs. */
export interface ReporterNeeds {
  readonly source: Pick<TaskSource, "progress">;
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly trouble: (what: string, error: unknown) => void;
}

/** The voice of one attempt. */
export class Reporter {
  readonly #needs: ReporterNeeds;
  readonly #held: HeldTask;
  #toldAt = -Infinity;
  #lines: string[] = [];
  #disarm: (() => void) | undefined;

  constructor(held: HeldTask, needs: ReporterNeeds) {
    this.#held = held;
    this.#needs = needs;
  }

  progress = (done: number, total?: number, message?: string): void => {
    const now = this.#needs.clock.monotonic();
    const isLast = total !== undefined && done >= total;
    if (now - this.#toldAt < TELL_MS && !isLast) return;
    this.#toldAt = now;
    this.#tell({
      progress: {
        done,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      },
    });
  };

  log = (line: string): void => {
    this.#lines.push(line.slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#disarm ??= this.#needs.clock.after(TELL_MS, () => this.flush());
  };

  /** Tell the lines that are still to be told. */
  flush(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) this.#tell({ log: lines.join("\n") });
  }

  /** What is lost is followed by more. */
  #tell(said: Parameters<TaskSource["progress"]>[1]): void {
    const { source, trouble } = this.#needs;
    source.progress(this.#held, said).catch((error: unknown) => trouble("progress", error));
  }
}
