/**
 * Who may run how much at once: over the server, per caller, per tool; and how often.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { createSemaphore, type Semaphore } from "../concurrency/semaphore.ts";
import { UnavailableError } from "../errors.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallContext } from "./call-context.ts";

/** Bounds of the whole server. */
export interface LimitSettings {
  /** Calls in flight over all callers. */
  readonly maxConcurrent: number;
  /** Calls in flight of one caller. */
  readonly perCallerConcurrent: number;
  /** Calls per second of one caller, as a token bucket of one second; 0 is no bound. */
  readonly perCallerPerSecond: number;
}

/** Admits calls. */
export interface Limits {
  /**
   * Admit a call, waiting only for a permit of its tool; returns the function that ends it.
   * Throws `rate_limited` or `queue_full` with `retryAfterMs`.
   */
  admit(target: RegisteredTool, context: CallContext): (() => void) | Promise<() => void>;
}

interface Usage {
  inFlight: number;
  readonly buckets: Map<string, Bucket>;
}

/** A token bucket that holds one second's worth of tokens. */
interface Bucket {
  tokens: number;
  at: number;
}

/** Waiting for a tool's permit is bounded, so that a slow tool cannot hoard memory. */
const MAX_WAITING = 256;

/** Callers that have nothing in flight are forgotten past this number. */
const MAX_IDLE_CALLERS = 1024;

/** Take a token, or say when there will be one. */
function spend(buckets: Map<string, Bucket>, key: string, perSecond: number, now: number): number {
  const bucket = buckets.get(key) ?? { tokens: perSecond, at: now };
  buckets.set(key, bucket);
  bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
  bucket.at = now;
  if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000);
  bucket.tokens -= 1;
  return 0;
}

function refuseOver(count: number, bound: number, whose: string): void {
  if (count < bound) return;
  throw new UnavailableError(
    "queue_full",
    `${whose} has ${count} calls in flight, the most it may; wait for one of them`,
    { data: { retryAfterMs: 100 } },
  );
}

/** Limits that read their settings at each call, so that a reload takes effect at once. */
export function createLimits(settings: () => LimitSettings, clock: Clock): Limits {
  return new CallLimits(settings, clock);
}

class CallLimits implements Limits {
  readonly #settings: () => LimitSettings;
  readonly #clock: Clock;
  readonly #usages = new Map<string, Usage>();
  readonly #semaphores = new Map<string, Semaphore>();
  #inFlight = 0;

  constructor(settings: () => LimitSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  admit(target: RegisteredTool, context: CallContext): (() => void) | Promise<() => void> {
    const { maxConcurrent, perCallerConcurrent, perCallerPerSecond } = this.#settings();
    const { concurrency, perSecond } = target.tool.routing.limits ?? {};
    const usage = this.#usageOf(context.caller.id);
    refuseOver(this.#inFlight, maxConcurrent, "The server");
    refuseOver(usage.inFlight, perCallerConcurrent, `"${context.caller.id}"`);
    this.#refuseTooOften(usage, "", perCallerPerSecond, `"${context.caller.id}"`);
    this.#refuseTooOften(usage, target.name, perSecond ?? 0, `"${target.name}"`);
    const end = this.#begin(usage);
    return concurrency ? this.#waitForPermit(target, concurrency, context, end) : end;
  }

  #usageOf(caller: string): Usage {
    const known = this.#usages.get(caller);
    if (known) return known;
    if (this.#usages.size >= MAX_IDLE_CALLERS) {
      for (const [id, usage] of this.#usages) if (usage.inFlight === 0) this.#usages.delete(id);
    }
    const usage: Usage = { inFlight: 0, buckets: new Map() };
    this.#usages.set(caller, usage);
    return usage;
  }

  #refuseTooOften(usage: Usage, key: string, perSecond: number, whose: string): void {
    if (perSecond <= 0) return;
    const retryAfterMs = spend(usage.buckets, key, perSecond, this.#clock.monotonic());
    if (retryAfterMs === 0) return;
    throw new UnavailableError(
      "rate_limited",
      `${whose} is limited to ${perSecond} calls per second; try again in ${retryAfterMs} ms`,
      { data: { retryAfterMs } },
    );
  }

  #begin(usage: Usage): () => void {
    this.#inFlight += 1;
    usage.inFlight += 1;
    return () => {
      this.#inFlight -= 1;
      usage.inFlight -= 1;
    };
  }

  #waitForPermit(
    { name }: RegisteredTool,
    permits: number,
    context: CallContext,
    end: () => void,
  ): (() => void) | Promise<() => void> {
    const semaphore =
      this.#semaphores.get(name) ?? createSemaphore({ permits, maxWaiting: MAX_WAITING, name });
    this.#semaphores.set(name, semaphore);
    const release = (): void => {
      semaphore.release();
      end();
    };
    if (semaphore.tryAcquire()) return release;
    return semaphore.acquire(context.signal).then(
      () => release,
      (error: unknown) => {
        end();
        throw error;
      },
    );
  }
}
