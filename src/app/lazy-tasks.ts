/** {@link Tasks} and {@link Workflows} that are opened by the first who asks. @module */

import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";

/** Tasks that wait for `open` with each request; it is expected to remember what it opened. */
export function lazyTasks(
  open: () => Promise<Tasks>,
  more: Pick<Tasks, "forward" | "elsewhere">,
): Tasks {
  return {
    ...more,
    submit: async (...args) => (await open()).submit(...args),
    status: async (...args) => (await open()).status(...args),
    task: async (...args) => (await open()).task(...args),
    history: async (...args) => (await open()).history(...args),
    outcome: async (...args) => (await open()).outcome(...args),
    result: async (...args) => (await open()).result(...args),
    list: async (...args) => (await open()).list(...args),
    cancel: async (...args) => (await open()).cancel(...args),
    update: async (...args) => (await open()).update(...args),
    answer: async (...args) => (await open()).answer(...args),
    resubmit: async (...args) => (await open()).resubmit(...args),
    prioritize: async (...args) => (await open()).prioritize(...args),
    workers: async (...args) => (await open()).workers(...args),
    heartbeat: async (...args) => (await open()).heartbeat(...args),
    shutdown: async (...args) => (await open()).shutdown(...args),
    watch(scope, changed, signal) {
      // Who watches hears nothing where there is nothing; the requests beside it say why.
      open().then(
        (tasks) => {
          if (!signal.aborted) tasks.watch(scope, changed, signal);
        },
        () => undefined,
      );
    },
  };
}

/** Workflows that wait for `open` with each request. */
export function lazyWorkflows(open: () => Promise<Workflows>): Workflows {
  return {
    coordinatorOf: async (...args) => (await open()).coordinatorOf(...args),
    submit: async (...args) => (await open()).submit(...args),
    status: async (...args) => (await open()).status(...args),
    dag: async (...args) => (await open()).dag(...args),
    draw: async (...args) => (await open()).draw(...args),
    events: async (...args) => (await open()).events(...args),
    proof: async (...args) => (await open()).proof(...args),
    outcome: async (...args) => (await open()).outcome(...args),
    list: async (...args) => (await open()).list(...args),
    cancel: async (...args) => (await open()).cancel(...args),
    coordinate: async (...args) => (await open()).coordinate(...args),
    reschedule: async (...args) => (await open()).reschedule(...args),
  };
}
