/**
 * The life of one mounted server: started when first needed, one start at a time, started again
 * when it dies, left alone for a while when it keeps dying.
 *
 * @module
 */

import { type Breaker, createBreaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import { backoffMs } from "../concurrency/retry.ts";
import { DeadlineError, MeshError, messageOf } from "../errors.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import type { Connection } from "./connection.ts";
import { refusal, resting, unmounted } from "./refusals.ts";

/** Where a mounted server is in its life. */
export type UpstreamState = UpstreamStatus["state"];

/** What a supervisor needs. */
export interface SupervisorNeeds {
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<Connection>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly startTimeoutMs: number;
  readonly isDisabled: boolean;
  /** A connection is there; called before anyone gets it. */
  readonly opened: (connection: Connection) => void;
  readonly changed: () => void;
}

const FAILURES = 5;
const OPEN_MS = 30_000;
/** A server that lived this long is well: what went wrong before no longer counts. */
const STABLE_MS = 10_000;
const backoff = { initialMs: 250, maxMs: 15_000 };

/** Keeps one mounted server alive as long as it is wanted. */
export class Supervisor {
  readonly #needs: SupervisorNeeds;
  readonly #breaker: Breaker;
  #state: UpstreamState;
  #since: number;
  #error: Error | undefined;
  #starting: Promise<Connection> | undefined;
  #next: PromiseWithResolvers<Connection> | undefined;
  #abort = new AbortController();
  #disarm: () => void = () => {};
  #failures = 0;
  #starts = 0;
  #isClosed = false;
  /** The live connection, if there is one: the fast path of every call. */
  connection: Connection | undefined;

  constructor(needs: SupervisorNeeds) {
    this.#needs = needs;
    this.#breaker = createBreaker({ failures: FAILURES, openMs: OPEN_MS, clock: needs.clock });
    this.#state = needs.isDisabled ? "disabled" : "idle";
    this.#since = needs.clock.now();
  }

  get state(): UpstreamState {
    return this.#state;
  }
  get since(): number {
    return this.#since;
  }
  get error(): Error | undefined {
    return this.#error;
  }
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The connection, starting the server if need be. */
  ready(): Promise<Connection> {
    if (this.connection) return Promise.resolve(this.connection);
    if (this.#starting) return this.#starting;
    switch (this.#state) {
      case "backoff":
        this.#next ??= promiseOfNext();
        return this.#next.promise;
      case "stopped":
      case "disabled":
        return Promise.reject(this.#refusal(`is ${this.#state}`));
      default:
        if (this.#breaker.allow()) return this.#attempt();
        return Promise.reject(resting(this.#needs.name, this.#breaker.retryAfterMs, this.#error));
    }
  }

  /** Why it does not run, where that came out when nobody waited for it any more. */
  blame(error: Error): void {
    if (this.connection) return;
    this.#error = error;
    this.#needs.changed();
  }

  /** Start now, whatever happened before. */
  start(): Promise<Connection> {
    if (this.connection) return Promise.resolve(this.connection);
    this.#disarm();
    this.#breaker.success();
    this.#failures = 0;
    return this.#attempt();
  }

  /** End the server for good: also who wanted it started before gets none. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.stop();
  }

  /** End the server; `idle` lets the next call start it again. */
  async stop(state: "stopped" | "idle" = "stopped"): Promise<void> {
    this.#disarm();
    const { connection } = this;
    this.connection = undefined;
    const starting = this.#starting;
    // It was alive when it was told to stop.
    if (connection) this.#breaker.success();
    if (this.#state !== "disabled") this.#set(state);
    this.#abort.abort(this.#refusal("was stopped"));
    this.#abort = new AbortController();
    this.#next?.reject(this.#refusal("was stopped"));
    this.#next = undefined;
    // The one who asked for the start hears of its end.
    await Promise.allSettled([connection?.close(), starting]);
  }

  #attempt(): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(unmounted(this.#needs.name));
    this.#starting ??= this.#open().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #open(): Promise<Connection> {
    const { name, clock, startTimeoutMs } = this.#needs;
    const { signal } = this.#abort;
    this.#set("starting");
    const deadline = new AbortController();
    const disarm = clock.after(startTimeoutMs, () =>
      deadline.abort(
        new DeadlineError(
          "deadline_exceeded",
          `"${name}" did not start within ${startTimeoutMs} ms; raise startTimeoutMs if it needs longer`,
          { data: { upstream: name, timeoutMs: startTimeoutMs } },
        ),
      ),
    );
    try {
      const connection = await this.#needs.open(AbortSignal.any([signal, deadline.signal]));
      if (signal.aborted) {
        await connection.close();
        throw signal.reason;
      }
      return this.#opened(connection);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      throw error;
    } finally {
      disarm();
    }
  }

  #opened(connection: Connection): Connection {
    this.#starts += 1;
    this.#error = undefined;
    this.connection = connection;
    this.#needs.opened(connection);
    this.#set("ready");
    this.#disarm = this.#needs.clock.after(STABLE_MS, () => {
      this.#failures = 0;
      this.#breaker.success();
    });
    void connection.closed.then((reason) => this.#lost(connection, reason));
    this.#next?.resolve(connection);
    this.#next = undefined;
    return connection;
  }

  #lost(connection: Connection, reason: Error): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    // What the program started may outlive it.
    connection.close().catch((error: unknown) => {
      this.#error = error as Error;
    });
    this.#failed(reason);
  }

  #failed(error: unknown): void {
    this.#disarm();
    this.#error = error instanceof Error ? error : new Error(messageOf(error));
    this.#failures += 1;
    this.#breaker.failure();
    // What will not be different next time (a missing program, a wrong address) is not repeated.
    const isHopeless = error instanceof MeshError && !error.retryable;
    while (isHopeless && this.#breaker.state === "closed") this.#breaker.failure();
    this.#next?.reject(this.#error);
    this.#next = undefined;
    if (this.#breaker.state !== "closed") {
      this.#set("failed");
      return;
    }
    this.#set("backoff");
    const wait = backoffMs(this.#failures, { ...backoff, random: this.#needs.random });
    this.#disarm = this.#needs.clock.after(wait, () => {
      // The failure is in the status, and goes to whoever waits for the server.
      this.#attempt().catch(() => {});
    });
  }

  #set(state: UpstreamState): void {
    this.#state = state;
    this.#since = this.#needs.clock.now();
    this.#needs.changed();
  }

  #refusal(what: string): Error {
    return refusal(this.#needs.name, this.#state, what);
  }

  /** Why calls cannot run now; undefined while they can, if only after a start. */
  get unavailableBecause(): string | undefined {
    if (this.#state === "disabled" || this.#state === "stopped") {
      return this.#refusal(`is ${this.#state}`).message;
    }
    return this.#state === "failed" ? (this.#error?.message ?? "it failed") : undefined;
  }
}

function promiseOfNext(): PromiseWithResolvers<Connection> {
  const next = Promise.withResolvers<Connection>();
  // Those who wait hear of a failure themselves; there may be none.
  next.promise.catch(() => {});
  return next;
}
