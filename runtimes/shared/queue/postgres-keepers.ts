/** Which servers time the leases of a queue, as they tell each other in PostgreSQL. @module */

import type { KeeperTable, KeptLease } from "../../../src/queue/queue-store.ts";
import { plain } from "./postgres-sql.ts";
import type { Ask } from "./postgres-views.ts";
import { taskOf } from "./task-row.ts";

const TEXTS = {
  beat: `WITH mine AS (INSERT INTO keepers (queue, keeper, beat) VALUES ($1, $2, 1)
      ON CONFLICT (queue, keeper) DO UPDATE SET beat = keepers.beat + 1)
    SELECT keeper, beat FROM keepers WHERE queue = $1 AND keeper <> $2`,
  leave: "DELETE FROM keepers WHERE queue = $1 AND keeper = $2",
  orphans: `SELECT spec, run FROM tasks t WHERE queue = $1 AND state = 'leased'
    AND NOT EXISTS (SELECT 1 FROM keepers k WHERE k.queue = t.queue AND k.keeper = t.keeper)
    ORDER BY seq LIMIT $2`,
};

/** The keepers of one database's queues. */
export function createKeeperTable(ask: Ask): KeeperTable {
  return {
    async beat(queue, keeper) {
      const rows = await ask(TEXTS.beat, plain(queue), keeper);
      return new Map(rows.map((row) => [String(row.keeper), Number(row.beat)]));
    },
    async leave(queue, keeper) {
      await ask(TEXTS.leave, plain(queue), keeper);
    },
    async orphans(queue, limit) {
      const rows = await ask(TEXTS.orphans, plain(queue), limit);
      return rows.flatMap(({ spec, run }): KeptLease[] => {
        const { spec: task, lease } = taskOf(String(spec), String(run));
        if (!lease) return [];
        const { token, keeper } = lease;
        return [{ id: task.id, token, ...(keeper !== undefined && { keeper }) }];
      });
    },
  };
}
