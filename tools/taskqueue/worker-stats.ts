import * as v from "valibot";
import { defineTool, InputError, nearest, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, words } from "./schemas.ts";
import { workerSchema } from "./task-schemas.ts";

const NAME = "p2p_taskqueue_worker_stats";

/** Show the workers of a queue. */
export const taskqueueWorkerStats: Tool = defineTool({
  name: NAME,
  title: "Show the workers",
  description: "Show the workers of a queue: slots, running, done, failed, stalled, times",
  details: "Numbers are since the owner started, for the 1024 workers that it heard of last.",
  input: v.object({
    ...placeEntries,
    worker: v.optional(words(256, "Only this one")),
  }),
  output: v.object({ workers: v.array(workerSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: {},
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { worker }) => {
      const workers = await tasks.workers(scope, worker);
      if (worker === undefined || workers.length > 0) return { workers: [...workers] };
      const near = nearest(
        worker,
        (await tasks.workers(scope)).map((one) => one.worker),
      );
      const hint =
        near.length > 0 ? `did you mean ${near.join(" or ")}?` : "leave it out to see all";
      throw new InputError("not_found", `No worker "${worker}" was heard of: ${hint}`, {
        data: { worker, nearest: near },
      });
    }),
});
