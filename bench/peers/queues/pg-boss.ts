/** pg-boss on PostgreSQL: send, fetch and complete. @module */

import { PgBoss } from "pg-boss";
import { serveClients, timed } from "../../queue/clients.ts";

await serveClients(async (connectionString) => {
  // Nothing to supervise: no job expires in a few seconds.
  const boss = new PgBoss({ connectionString, max: 32, supervise: false, schedule: false });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue("bench");
  return {
    async once() {
      const submitMs = await timed(() => boss.send("bench", { a: 1, b: 2 }));
      for (;;) {
        const [job] = await boss.fetch("bench");
        // Another client may just hold the one that was left.
        if (!job) continue;
        await boss.complete("bench", job.id, { sum: 3 });
        return submitMs;
      }
    },
    close: () => boss.stop({ graceful: false }),
  };
});
