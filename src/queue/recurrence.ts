/** Tasks that come back: when, and under which id. @module */

import { Cron } from "croner";
import { InputError, messageOf } from "../errors.ts";
import { sha256 } from "../sha256.ts";
import type { Recurrence } from "./task.ts";

/** The next moment after `now`; `undefined` where there is none any more. */
export function nextTick({ cron, timezone }: Recurrence, now: number): number | undefined {
  return parse(cron, timezone).nextRun(new Date(now))?.getTime();
}

/** Throws `invalid_input` where the expression or the time zone is none. */
export function checkCron(cron: string, timezone: string | undefined): void {
  parse(cron, timezone);
}

/** The same moment of a series has the same id everywhere: two servers cannot start it twice. */
export function occurrenceId(series: string, tick: number): string {
  const hex = sha256(`${series}@${tick}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function parse(cron: string, timezone: string | undefined): Cron {
  try {
    const parsed = new Cron(cron, { paused: true, timezone: timezone ?? "UTC" });
    // A time zone is looked at only when a moment is asked for.
    parsed.nextRun();
    return parsed;
  } catch (cause) {
    const where = timezone === undefined ? "" : ` in the time zone "${timezone}"`;
    throw new InputError(
      "invalid_input",
      `"${cron}"${where} is not a cron expression such as "0 7 * * 1-5": ${messageOf(cause)}`,
      { cause, data: { cron, ...(timezone !== undefined && { timezone }) } },
    );
  }
}
