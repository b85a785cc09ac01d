/** The settings of the task queue: rows of the table in `schema.ts`. @module */

import * as v from "valibot";
import type { SettingKey, SettingValue } from "./config.ts";
import { whole } from "./entries.ts";
import type { Setting } from "./setting.ts";

type QueueKey = Extract<SettingKey, `queue.${string}`>;

/** The rows of `queue`. */
export const queueSettings: { readonly [Key in QueueKey]: Setting<SettingValue<Key>> } = {
  "queue.url": {
    schema: v.optional(
      v.pipe(v.string(), v.regex(/^postgres(ql)?:\/\//, "must begin with postgres://")),
    ),
    defaultText: "none: SQLite in dataDir",
    description: "PostgreSQL database that keeps the queues, for servers that share them",
    secrets: ["url"],
    needsRestart: true,
  },
  "queue.slots": {
    schema: whole(0, 10_000),
    default: 4,
    description: "Tasks of a queue that this server works at once; 0 leaves them to others",
    needsRestart: true,
  },
  "queue.leaseMs": {
    schema: whole(300, 86_400_000),
    default: 30_000,
    description: "Time after which a task goes to another worker when its own is not heard of",
  },
  "queue.timeoutMs": {
    schema: whole(1),
    default: 600_000,
    description: "Time that one attempt of a task may take where the task says nothing else",
  },
  "queue.maxAttempts": {
    schema: whole(1, 1_000),
    default: 3,
    description: "Attempts of a task that fails, where the task says nothing else",
  },
  "queue.maxStalls": {
    schema: whole(0, 1_000),
    default: 5,
    description: "Lost workers after which a task is dead",
  },
  "queue.maxBacklog": {
    schema: whole(1),
    default: 10_000_000,
    description: "Unfinished tasks that a queue takes",
  },
  "queue.resultTtlMs": {
    schema: whole(0),
    default: 86_400_000,
    description: "Time that a finished task is kept, where the task says nothing else",
  },
};
