/**
 * The queue on SQLite against a small oracle, by random commands with crashes between them.
 *
 * What is looked for, after the defects that such tests found in other queues: changes that only
 * memory knew, priorities and stalls that a restart forgot, attempts that a crash gave back, rows and
 * keys that outlive their time, indexes that name what is gone, ids that two tasks share, leases that
 * outlive their move, and tasks that stay active for ever.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { host } from "#host";
import { createTempFolder } from "../../support/temp-folder.ts";
import { commands } from "./model/commands.ts";
import { oracleOf, Scene } from "./model/scene.ts";

/** `FC_SEED` and `FC_PATH` repeat what a failure printed. */
const { FC_SEED, FC_PATH } = process.env;
const seed = Number(FC_SEED ?? Date.now() % 2 ** 31);
/** The same code is on each host; what differs, its SQLite, is met in the first few. */
const RUNS = Number(process.env.FC_RUNS ?? (host.name === "node" ? 40 : 15));

describe(`a queue on SQLite, in ${RUNS} random lives`, () => {
  const folder = createTempFolder({ after });
  let opened = 0;

  it("does what the oracle says, whatever is done to it and whenever it dies", {
    timeout: 120_000,
  }, async () => {
    const life = fc.commands([...commands], { maxCommands: 100, size: "max" });
    const property = fc.asyncProperty(life, async (steps) => {
      opened += 1;
      const scene = await Scene.open(join(await folder, `${opened}.db`));
      try {
        await fc.asyncModelRun(() => ({ model: oracleOf(scene), real: scene }), steps);
        await scene.verify();
      } finally {
        await scene.close();
      }
    });
    const path = FC_PATH === undefined ? {} : { path: FC_PATH };
    try {
      await fc.assert(property, { seed, numRuns: RUNS, ...path });
    } catch (error) {
      console.log(`FC_SEED=${seed}`);
      throw error;
    }
  });
});
