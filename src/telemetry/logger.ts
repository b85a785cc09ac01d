/** Log lines: one JSON object each, without secrets, to a sink that the host supplies. @module */

import { redact, redactText } from "./redact.ts";

/** Severities, from the most talkative. */
export type LogThreshold = "debug" | "info" | "warning" | "error";

/** Facts beside the message; secrets in them are redacted by name and by looks. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes log lines. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

/** What a logger needs. */
export interface LoggerNeeds {
  /** Asked for every line, so that a reload takes effect at once. */
  readonly threshold: () => LogThreshold;
  /** Takes one line with its line end; must not throw. */
  readonly write: (line: string) => void;
  readonly clock: { now(): number };
}

const SEVERITY: Readonly<Record<LogThreshold, number>> = {
  debug: 0,
  info: 1,
  warning: 2,
  error: 3,
};

/** A logger; `fields` are part of every line. */
export function createLogger(needs: LoggerNeeds, fields: LogFields = {}): Logger {
  const log =
    (level: LogThreshold) =>
    (message: string, more?: LogFields): void => {
      if (SEVERITY[level] < SEVERITY[needs.threshold()]) return;
      const time = new Date(needs.clock.now()).toISOString();
      const line = { time, level, message: redactText(message) };
      // A field named like one of the line's own does not replace it.
      const facts = redact({ ...fields, ...more }) as LogFields;
      needs.write(`${JSON.stringify({ ...line, ...facts, ...line })}\n`);
    };
  return {
    debug: log("debug"),
    info: log("info"),
    warning: log("warning"),
    error: log("error"),
    with: (more) => createLogger(needs, { ...fields, ...more }),
  };
}
