/** What can be taken from the queue to see that the simulation misses it. @module */

/** One guard that is gone. */
export type Mutation =
  | "none"
  /** Whoever speaks of a task is believed, whatever attempt it is of. */
  | "no-fence"
  /** Leases never run out. */
  | "no-lease-sweep"
  /** Answers are given before the disk has synced. */
  | "no-fsync"
  /** Workers take an answer for one attempt as one for another of the same task. */
  | "uncorrelated-replies"
  /** A submission that was made before is answered while the first one is still being written. */
  | "early-duplicate-answer";

/** All but none. */
export const MUTATIONS: readonly Exclude<Mutation, "none">[] = [
  "no-fence",
  "no-lease-sweep",
  "no-fsync",
  "uncorrelated-replies",
  "early-duplicate-answer",
];
