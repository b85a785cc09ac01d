/** Named checks, each with a time limit, as one report. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withDeadline } from "../concurrency/deadline.ts";
import { DeadlineError, messageOf } from "../errors.ts";
import type { HealthCheck } from "../registry/context.ts";
import { redactText } from "./redact.ts";

/** Looks at one thing: returns what it found, throws where that is not healthy. */
export type Check = (signal: AbortSignal) => Promise<string> | string;

/** All checks at one moment. */
export interface HealthReport {
  readonly healthy: boolean;
  readonly checks: readonly HealthCheck[];
}

/** The checks of a server. */
export interface Health {
  /** Add a check, or replace the one of that name; returns the function that removes it. */
  add(name: string, check: Check): () => void;
  /** Run all checks at once. Whoever asks while they run gets the same report. */
  report(): Promise<HealthReport>;
}

/** What a check may take, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 2000;

/** An empty list of checks. */
export function createHealth(clock: Clock, timeoutMs: number = DEFAULT_TIMEOUT_MS): Health {
  const checks = new Map<string, Check>();
  let running: Promise<HealthReport> | undefined;

  const runOne = async (name: string, check: Check): Promise<HealthCheck> => {
    const controller = new AbortController();
    const expired = (): DeadlineError => {
      const error = new DeadlineError("deadline_exceeded", `No answer within ${timeoutMs} ms`);
      controller.abort(error);
      return error;
    };
    try {
      const work = Promise.try(check, controller.signal);
      const detail = await withDeadline(work, { clock, ms: timeoutMs, expired });
      return { name, healthy: true, detail: redactText(detail) };
    } catch (error) {
      return { name, healthy: false, detail: redactText(messageOf(error)) };
    }
  };

  const runAll = async (): Promise<HealthReport> => {
    const results = await Promise.all([...checks].map(([name, check]) => runOne(name, check)));
    return { healthy: results.every(({ healthy }) => healthy), checks: results };
  };

  return {
    add(name, check) {
      checks.set(name, check);
      return () => {
        if (checks.get(name) === check) checks.delete(name);
      };
    },
    report() {
      running ??= runAll().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
