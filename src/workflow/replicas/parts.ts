/** A run in messages that are not too long. @module */

import type { Task } from "../../queue/task.ts";
import type { Told } from "./replica-book.ts";

/** Characters of one message, unless one task alone has more. */
export const MAX_CHARACTERS: number = 1024 * 1024;

/** One message. */
export interface Part extends Told {
  readonly characters: number;
}

/** The same in parts; all but the last say that more comes. */
export function inParts(told: Told): readonly Part[] {
  const parts: { tasks: Task[]; characters: number }[] = [];
  for (const task of told.tasks) {
    const { length } = JSON.stringify(task);
    const last = parts.at(-1);
    if (last && last.characters + length <= MAX_CHARACTERS) {
      last.tasks.push(task);
      last.characters += length;
    } else parts.push({ tasks: [task], characters: length });
  }
  if (parts.length === 0) parts.push({ tasks: [], characters: 0 });
  return parts.map((part, at) => ({
    ...told,
    ...part,
    definitions: at === 0 ? told.definitions : [],
    hasMore: at < parts.length - 1,
  }));
}
