/** The coordinator of a run lets another member go on with it. @module */

import { isFinal } from "../../queue/task.ts";
import { resume } from "../commands.ts";
import { runStateOf } from "../run-state.ts";
import { OWN_AFFAIR, pauseToHandOver } from "./commands.ts";
import { isOver, noMember } from "./errors.ts";
import { ownRun } from "./let-go.ts";
import type { MemberNeeds } from "./member-needs.ts";

/** How long calls that run may take to end before their run is handed over. */
const CALM_MS = 10_000;
const LOOK_MS = 100;

/** Let a member coordinate a run from now on, by asking it with `ask`; answers with the new epoch. */
export async function handOver(
  needs: MemberNeeds,
  { run, to }: { readonly run: string; readonly to: string },
  ask: () => Promise<number>,
): Promise<number> {
  const { queue, self } = needs;
  const own = await ownRun(needs, run);
  const members = own ? (runStateOf(own).coordination?.members ?? []) : [];
  const others = members.filter((member) => member !== self());
  if (!own || !others.includes(to)) throw noMember(run, to, others);
  if (isFinal(own)) throw isOver(run, own.state);
  if (!runStateOf(own).held) await queue.run((set) => pauseToHandOver(set, run), OWN_AFFAIR);
  await calm(needs, run);
  const quiet = await queue.task(run);
  if (quiet && isFinal(quiet)) throw isOver(run, quiet.state);
  try {
    return await ask();
  } catch (error) {
    // Where it was not promised yet, it goes on here.
    const left = await ownRun(needs, run);
    if (left && runStateOf(left).resumes) {
      await queue.run((set) => resume(set, run), OWN_AFFAIR);
    }
    throw error;
  }
}

/** What runs may end first: whoever goes on with the run would make these calls again. */
async function calm({ queue, clock }: MemberNeeds, run: string): Promise<void> {
  const until = clock.monotonic() + CALM_MS;
  while (clock.monotonic() < until) {
    const leased = await queue.list({ states: ["leased"], groupKey: run, limit: 1 });
    if (leased.length === 0) return;
    await clock.sleep(LOOK_MS);
  }
}
