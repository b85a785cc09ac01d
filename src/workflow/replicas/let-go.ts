/** A run that is coordinated here becomes another's: handed over, or taken over. @module */

import { isFinal, type Task } from "../../queue/task.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { dropRun, OWN_AFFAIR, yieldedOf, yieldRun } from "./commands.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { originOf } from "./origin.ts";
import type { Replica } from "./replica.ts";
import type { Promised } from "./replica-book.ts";

/** The run, where it is coordinated here. */
export async function ownRun({ queue }: MemberNeeds, run: string): Promise<Task | undefined> {
  const task = await queue.task(run);
  return task?.spec.kind === RUN_KIND && !yieldedOf(task) ? task : undefined;
}

/** Hand over what is here of a run; in its turn. */
export async function yieldTo(
  needs: MemberNeeds,
  run: string,
  { epoch, to }: Promised,
): Promise<void> {
  const { queue, plans, self, replicator } = needs;
  replicator.leave(run, "leaving");
  await queue.run((set) => {
    const task = set.task(run);
    if (!task || yieldedOf(task)) return;
    yieldRun(set, task, { to, epoch, plans, self: self() });
  }, OWN_AFFAIR);
  await bookYielded(needs, run);
  replicator.forget(run);
}

/** What was coordinated here becomes a replica like those of the other members. */
export async function bookYielded(needs: MemberNeeds, run: string): Promise<void> {
  const { queue, book, blob, self } = needs;
  const task = await queue.task(run);
  const yielded = task && yieldedOf(task);
  const replica = yielded && ((await blob(yielded.replica)) as Replica | undefined);
  if (!yielded || !replica) return;
  const { epoch, to } = yielded;
  await book.keep(replica, { epoch, to }, originOf(task, self()));
  await queue.run((set) => {
    const left = set.task(run);
    if (left && isFinal(left) && yieldedOf(left)) set.remove(left);
  }, OWN_AFFAIR);
}

/** Others go on with a run under a later epoch, and without this server; in its turn. */
export async function superseded(needs: MemberNeeds, run: string, by: Promised): Promise<void> {
  const { queue, plans, book, replicator, self, clock } = needs;
  const own = await ownRun(needs, run);
  const { epoch, members = [self()] } = (own && runStateOf(own).coordination) ?? {};
  if (!own || (epoch !== undefined && epoch >= by.epoch)) return;
  await book.expect({
    ...{ run, queue: queue.name, epoch: by.epoch, version: 0, coordinator: by.to, members },
    ...{ at: clock.now(), origin: originOf(own, self()) },
  });
  replicator.leave(run, "gone");
  await queue.run((set) => {
    const task = set.task(run);
    if (task) dropRun(set, task, plans, by.to);
  }, OWN_AFFAIR);
  replicator.forget(run);
}
