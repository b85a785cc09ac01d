/** Ids of tasks: UUIDs of version 7, which begin with the time (RFC 9562). @module */

/**
 * An id for a task that is submitted at `now`.
 *
 * Ids that follow each other in time are neighbours in a store's index; those of version 4 would
 * touch another page of it for each task.
 */
export function newTaskId(now: number): string {
  const random = crypto.randomUUID();
  const time = Math.floor(now).toString(16).padStart(12, "0").slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
