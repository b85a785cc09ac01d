/** A real queue on a real SQLite file, beside its oracle. @module */

import { copyFileSync, existsSync } from "node:fs";
import { assertEquals } from "@std/assert";
import { openSqliteQueueStore } from "../../../../runtimes/shared/queue/sqlite-queue-store.ts";
import { afterTurn } from "../../../../src/concurrency/turn.ts";
import type { QueueStore } from "../../../../src/queue/queue-store.ts";
import type { Task } from "../../../../src/queue/task.ts";
import { readLog } from "../../../simulation/queue/log-chain.ts";
import { QUEUE } from "../../../simulation/queue/owner.ts";
import { miscounts } from "../../../simulation/queue/recount.ts";
import { differences, replay } from "../../../simulation/queue/replay.ts";
import { remainsOf } from "../../../simulation/queue/verify.ts";
import type { FakeClock } from "../../../support/fake-clock.ts";
import { openQueue, type TestQueue } from "../../../support/queues.ts";
import { type Known, Oracle } from "./oracle.ts";

const turn = (): Promise<void> => new Promise((resolve) => afterTurn(resolve));

/** The queue in its file. */
export class Scene {
  readonly clock: FakeClock;
  #path: string;
  #store: QueueStore;
  #test: TestQueue;

  private constructor(path: string, store: QueueStore, test: TestQueue) {
    this.clock = test.clock;
    this.#path = path;
    this.#store = store;
    this.#test = test;
  }

  static async open(path: string): Promise<Scene> {
    const store = await openSqliteQueueStore(path);
    return new Scene(path, store, await openQueue(store, { name: QUEUE }));
  }

  get queue(): TestQueue["queue"] {
    return this.#test.queue;
  }
  claim(worker: string, max: number): Promise<readonly Task[]> {
    return this.#test.claim(worker, max);
  }

  /** Time passes, and what follows from it is done. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.clock.advance(0);
  }

  /** Close in peace, and open what was kept. */
  async restart(): Promise<void> {
    await this.queue.close();
    await this.#store.close();
    await this.#reopen();
  }

  /**
   * The file is let go some turns after `work` began; returns whether that was told to be done.
   * What was refused must not be there afterwards, and what was accepted must.
   */
  async crash(
    turns: number,
    work: (queue: TestQueue["queue"]) => Promise<unknown>,
  ): Promise<boolean> {
    const { queue } = this;
    const told = work(queue).then(
      () => true,
      () => false,
    );
    for (let left = turns; left > 0; left -= 1) await turn();
    await this.#store.close();
    const isDone = await told;
    await queue.close();
    await this.#reopen();
    return isDone;
  }

  /** The process is killed: what is in its files just now is all that is left. */
  async kill(): Promise<void> {
    const left = `${this.#path}.`;
    for (const suffix of ["", "-wal"]) {
      if (existsSync(this.#path + suffix)) copyFileSync(this.#path + suffix, left + suffix);
    }
    await this.queue.close();
    await this.#store.close();
    this.#path = left;
    await this.#reopen();
  }

  async #reopen(): Promise<void> {
    this.#store = await openSqliteQueueStore(this.#path);
    this.#test = await openQueue(this.#store, { clock: this.clock, name: QUEUE });
  }

  /** Rows, counters and the list of leases are those that the oracle expects. */
  async compare(oracle: Oracle): Promise<void> {
    const rows = await this.queue.list({ limit: 10_000 });
    const expected = [...oracle.tasks.values()].map(viewOf);
    assertEquals(rows.map(seen).toSorted(byId), expected.toSorted(byId));
    const { counters } = this.queue.meta;
    for (const [state, count] of Object.entries(counters)) {
      assertEquals(count, expected.filter((one) => one.state === state).length, state);
    }
    const leased = (await this.#store.leased(QUEUE)).map(({ spec }) => spec.id).sort();
    const running = expected.filter(({ state }) => state === "leased").map(({ id }) => id);
    assertEquals(leased, running.sort());
    assertEquals(this.#test.troubles, []);
  }

  /** Nothing that is counted, logged or bound by a hash disagrees with anything else. */
  async verify(): Promise<void> {
    const { rows, meta, groups, log } = await remainsOf(this.#store);
    const { events, faults } = readLog(log, meta);
    const told = replay(events, true);
    const other = rows.flatMap((row) => {
      const known = told.tasks.get(row.spec.id);
      return known ? differences(row, known) : [`${row.spec.id} is not in the log`];
    });
    // Graces are longer here than those that the simulation measures.
    const wrong = told.faults.filter((fault) => !fault.includes("ms after it was to be cancelled"));
    assertEquals([...faults, ...wrong, ...miscounts(rows, meta, groups), ...other], []);
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.#store.close();
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : 1;

/** What both sides know of a task. */
function seen({ spec, state, priority, attempts, stalls, token, labels, ...rest }: Task) {
  return {
    ...{ id: spec.id, key: spec.idempotencyKey, group: spec.groupKey },
    ...{ previous: spec.previousTaskId, state, priority, attempts, stalls, token, labels },
    ...{ note: rest.note, result: rest.result, isLeased: rest.lease !== undefined },
    ...{ isCancelling: rest.lease?.cancel !== undefined, runAt: rest.runAt },
  };
}

function viewOf(known: Known): ReturnType<typeof seen> {
  const { id, key, group, previous, state, priority, attempts, stalls, token, labels } = known;
  return {
    ...{ id, key, group, previous, state, priority, attempts, stalls, token, labels },
    ...{ note: known.note, result: known.result, isLeased: state === "leased" },
    ...{ isCancelling: known.cancelAt !== Infinity, runAt: known.runAt },
  };
}

/** An oracle for a scene that has just been opened. */
export function oracleOf({ clock }: Scene): Oracle {
  return new Oracle(clock.now());
}
