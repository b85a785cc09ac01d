/** Our queue under clients: a file, a `postgres://` address, or `memory`. @module */

import { resultOf } from "../../src/queue/local-source.ts";
import { serveClients, timed } from "./clients.ts";
import { newTask, openBenchQueue } from "./open.ts";

await serveClients(async (place) => {
  const { queue, store } = await openBenchQueue(place);
  let submitted = 0;
  return {
    async once(client) {
      submitted += 1;
      const wanted = newTask(submitted);
      const submitMs = await timed(() => queue.submit(wanted));
      const ask = { worker: `worker ${client}`, max: 1, can: () => true, waitMs: 1_000 };
      const [task] = await queue.claim(ask);
      if (!task) throw new Error("Nobody else claims more than what it submitted");
      await queue.complete(task.spec.id, task.token, resultOf({ sum: 3 }));
      return submitMs;
    },
    async close() {
      await queue.close();
      await store.close();
    },
  };
});
