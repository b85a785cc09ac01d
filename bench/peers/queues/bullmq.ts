/** BullMQ on Redis: add, getNextJob and moveToCompleted. @module */

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { serveClients, timed } from "../../queue/clients.ts";

await serveClients(async (url) => {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue("bench", { connection });
  const worker = new Worker("bench", null, { connection, autorun: false });
  await worker.waitUntilReady();
  let claims = 0;
  return {
    async once() {
      const submitMs = await timed(() => queue.add("add", { a: 1, b: 2 }));
      claims += 1;
      const token = String(claims);
      const job = await worker.getNextJob(token, { block: false });
      if (!job) throw new Error("Nobody else claims more than what it submitted");
      await job.moveToCompleted({ sum: 3 }, token, false);
      return submitMs;
    },
    async close() {
      await worker.close();
      await queue.close();
      connection.disconnect();
    },
  };
});
