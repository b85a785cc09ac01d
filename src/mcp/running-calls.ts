/** Requests that the hot path answers for one client, and how that client takes them back. @module */

import { DeadlineError } from "../errors.ts";
import type { HotAnswer } from "./hot-path.ts";

/** What is said of a request that its client cancelled: nothing. */
export const NO_ANSWER = "";

type Message = Readonly<Record<string, unknown>>;

const cancelled = (message: string): DeadlineError => new DeadlineError("cancelled", message);

interface Running {
  readonly controller: () => AbortController;
  isCancelled: boolean;
}

/** The requests of one session or connection, by their ids. */
export class RunningCalls {
  readonly #running = new Map<unknown, Running>();

  /**
   * Ask the hot path under a signal that fires when the client cancels the request by its id, or
   * when `parent` does. A cancelled request is answered with {@link NO_ANSWER}.
   */
  run(
    id: unknown,
    ask: (signal: () => AbortSignal) => HotAnswer,
    parent?: () => AbortSignal,
  ): HotAnswer {
    // Made on first use: most handlers never look at their signal.
    let controller: AbortController | undefined;
    const running: Running = {
      controller() {
        controller ??= new AbortController();
        return controller;
      },
      isCancelled: false,
    };
    const hot = ask(() => {
      const { signal } = running.controller();
      return parent ? AbortSignal.any([parent(), signal]) : signal;
    });
    if (!hot) return undefined;
    this.#running.set(id, running);
    return this.#settle(id, running, hot);
  }

  async #settle(
    id: unknown,
    running: Running,
    hot: Promise<string | undefined>,
  ): Promise<string | undefined> {
    try {
      const answer = await hot;
      return running.isCancelled ? NO_ANSWER : answer;
    } finally {
      if (this.#running.get(id) === running) this.#running.delete(id);
    }
  }

  /** Whether `message` cancelled a request that is running here. */
  cancelledBy({ method, params }: Message): boolean {
    if (method !== "notifications/cancelled") return false;
    const { requestId, reason } = (params ?? {}) as Message;
    const running = this.#running.get(requestId);
    if (!running) return false;
    running.isCancelled = true;
    const said = typeof reason === "string" ? `: ${reason.slice(0, 200)}` : "";
    running.controller().abort(cancelled(`The client cancelled the request${said}`));
    return true;
  }

  /** The client is gone: tell every handler to stop. */
  abandon(): void {
    for (const { controller } of this.#running.values()) {
      controller().abort(cancelled("The client is gone"));
    }
  }
}
