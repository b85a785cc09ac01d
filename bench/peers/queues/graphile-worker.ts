/** graphile-worker on PostgreSQL: it claims and completes by itself, so a client waits for its task. @module */

import { Logger, run } from "graphile-worker";
import { serveClients, timed } from "../../queue/clients.ts";

await serveClients(async (connectionString) => {
  const waiting = new Map();
  let submitted = 0;
  const runner = await run({
    connectionString,
    concurrency: 32,
    maxPoolSize: 32,
    noHandleSignals: true,
    logger: new Logger(() => () => undefined),
    taskList: {
      bench: async ({ n }) => {
        waiting.get(n)();
        waiting.delete(n);
      },
    },
  });
  return {
    async once() {
      submitted += 1;
      const n = submitted;
      const worked = new Promise((resolve) => waiting.set(n, resolve));
      const submitMs = await timed(() => runner.addJob("bench", { n, a: 1, b: 2 }));
      await worked;
      return submitMs;
    },
    close: () => runner.stop(),
  };
});
