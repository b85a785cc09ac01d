/** A process that is started again whenever it ends, until it is let go. @module */

import process from "node:process";
import type { QueueProcess } from "../support/queue-processes.ts";

/** What keeps a process. */
export interface KeepOptions {
  readonly start: () => QueueProcess;
  /** The line by which it tells that it is at work. */
  readonly ready: string;
}

/** How soon one that was killed is started again. */
const PAUSE_MS = 200;
/** And one that found nobody, and ended: its start takes the processor from whom it looks for. */
const LONG_PAUSE_MS = 1_000;

/** The process of the moment. */
export class KeptProcess {
  readonly #options: KeepOptions;
  #current: QueueProcess;
  #isKept = true;
  #isReady = false;
  readonly #keeping: Promise<void>;
  /** Every process that it was. */
  readonly pids: Set<number> = new Set();

  constructor(options: KeepOptions) {
    this.#options = options;
    this.#current = this.#start();
    this.#keeping = this.#keep();
    // Whoever keeps it takes it along, also where it fails itself.
    process.once("exit", () => this.#current.signal("SIGKILL"));
  }

  /** Whether it is at work, as far as it has said. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get current(): QueueProcess {
    return this.#current;
  }

  signal(name: NodeJS.Signals): void {
    if (name === "SIGKILL") this.#isReady = false;
    this.#current.signal(name);
  }

  /** Ask it to end, and start it no more; the exit code. */
  async letGo(): Promise<number | null> {
    this.#isKept = false;
    this.#current.signal("SIGCONT");
    this.#current.signal("SIGTERM");
    await this.#keeping;
    return this.#current.ended;
  }

  async #keep(): Promise<void> {
    for (;;) {
      const started = this.#current;
      const said = started.said(this.#options.ready, 120_000).then(
        () => {
          this.#isReady = started.isRunning;
        },
        // It ended, which is what is waited for below.
        () => undefined,
      );
      const code = await started.ended;
      await said;
      this.#isReady = false;
      const pauseMs = code === null ? PAUSE_MS : LONG_PAUSE_MS;
      if (this.#isKept) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (!this.#isKept) return;
      this.#current = this.#start();
    }
  }

  #start(): QueueProcess {
    const started = this.#options.start();
    this.pids.add(started.pid);
    return started;
  }
}
