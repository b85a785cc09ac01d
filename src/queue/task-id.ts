/** Ids of tasks: the time, and 128 bits that nobody can guess. @module */

/**
 * An id for a task that is submitted at `now`: 12 hexadecimal digits of time, 32 of chance.
 *
 * Ids that follow each other in time are neighbours in a store's index; those of chance alone would
 * touch another page of it for each task. A UUID of version 7 (RFC 9562) does the same with 74 bits
 * of chance, too few for an id that is all there is between anonymous callers.
 */
export function newTaskId(now: number): string {
  const time = Math.floor(now).toString(16).padStart(12, "0").slice(-12);
  const chance = crypto.getRandomValues(new Uint8Array(16));
  let digits = "";
  for (const byte of chance) digits += byte.toString(16).padStart(2, "0");
  return `${time}-${digits}`;
}
