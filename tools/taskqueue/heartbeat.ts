import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answer, placeEntries, taskIdSchema, tokenSchema, words } from "./schemas.ts";

const NAME = "p2p_taskqueue_heartbeat";

const ids = (description: string): v.GenericSchema<string[]> =>
  v.pipe(v.array(v.string()), v.description(description));

/** Say that a worker is alive, and keep its leases. */
export const taskqueueHeartbeat: Tool = defineTool({
  name: NAME,
  title: "Send a heartbeat",
  description: "Say that a worker is alive, extend its leases, and hear what it is to do",
  details:
    "To be sent three times within the length of a lease. Stop the tasks in lost at once: they are " +
    "another's. Stop those in cancelRequested. With drain, finish what runs and claim no more.",
  input: v.object({
    ...placeEntries,
    worker: words(256, "How the worker calls itself"),
    leases: v.optional(
      v.pipe(
        v.array(v.object({ taskId: taskIdSchema, token: tokenSchema })),
        v.maxLength(1000),
        v.description("The tasks that it works on"),
      ),
      [],
    ),
  }),
  output: v.object({
    extended: ids("Tasks whose leases begin anew"),
    lost: ids("Tasks that it no longer holds"),
    cancelRequested: ids("Tasks that somebody cancels"),
    drain: v.boolean(),
  }),
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  routing: { runtime: "local" },
  example: {
    worker: "gpu-box",
    leases: [{ taskId: "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10", token: "3.1" }],
  },
  run: (input, context) =>
    answer(NAME, input, context, async (tasks, scope, { worker, leases }) => {
      const heard = await tasks.heartbeat(scope, worker, leases);
      const { extended, lost, cancelRequested, drain } = heard;
      return {
        extended: [...extended],
        lost: [...lost],
        cancelRequested: [...cancelRequested],
        drain,
      };
    }),
});
