/**
 * A run gets a new coordinator: a majority of those who take part promises not to hear the old one any
 * more, and the latest that any of them has is what goes on.
 *
 * What the old coordinator told anybody was at a majority before, so one of those who promise has it.
 *
 * @module
 */

import { InputError } from "../../errors.ts";
import type { Task } from "../../queue/task.ts";
import { runStateOf } from "../run-state.ts";
import { adopt } from "./adopt.ts";
import { dropRun, OWN_AFFAIR, raiseEpoch } from "./commands.ts";
import { otherFirst, unknownRun } from "./errors.ts";
import type { Circle } from "./member-lane.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { originOf } from "./origin.ts";
import { ANSWER_MS, type Majority, promisesFor } from "./promises.ts";
import type { Replica, ReplicaHead } from "./replica.ts";

/** Coordinate a run from now on that another does not any more; answers with the new epoch. */
export async function takeOver(
  needs: MemberNeeds,
  run: string,
  { consents }: { readonly consents: boolean },
): Promise<number> {
  const head = await needs.book.head(run);
  if (!head) throw unknownRun(run);
  if (!consents) await checkGone(needs, head);
  const majority = await promisesFor(needs, head, Math.max(head.epoch, head.promised.epoch));
  const replica = await bestOf(needs, run, majority);
  await needs.mutex.run(run, () => adoptHere(needs, replica, majority));
  return majority.epoch;
}

/**
 * Coordinate a run on, which a member promised to somebody who never had it; for an epoch after `after`.
 * Where that one had told others more than is here, it goes on from that.
 */
export async function claimAgain(needs: MemberNeeds, own: Task, after: number): Promise<Circle> {
  const { book, queue, plans, self, clock, replicator, mutex } = needs;
  const { id: run } = own.spec;
  const { epoch: before, members } = runStateOf(own).coordination ?? { epoch: 0, members: [] };
  const has = { epoch: before, version: queue.meta.nextEvent - 1 };
  const head = { run, queue: queue.name, coordinator: self(), members, at: clock.now() };
  await book.expect({ ...head, epoch: after, version: 0, origin: originOf(own, self()) });
  const majority = await promisesFor(needs, head, after, has);
  const { epoch, best } = majority;
  const replica = best === self() ? undefined : await bestOf(needs, run, majority);
  await mutex.run(run, async () => {
    await checkPromised(needs, run, epoch);
    if (!replica) {
      await queue.run((set) => raiseEpoch(set, run, { epoch, members }), OWN_AFFAIR);
      return;
    }
    replicator.leave(run, "leaving");
    await queue.run((set) => {
      const task = set.task(run);
      if (task) dropRun(set, task, plans, best);
    }, OWN_AFFAIR);
    replicator.forget(run);
    await adoptHere(needs, replica, majority);
  });
  return { epoch, members };
}

async function bestOf(needs: MemberNeeds, run: string, { best }: Majority): Promise<Replica> {
  const { book, self, calls } = needs;
  const replica = best === self() ? await book.replica(run) : await calls(best).fetch(run);
  if (replica) return replica;
  throw unknownRun(run);
}

async function adoptHere(
  needs: MemberNeeds,
  replica: Replica,
  { epoch, best }: Majority,
): Promise<void> {
  const { plans, queue, self } = needs;
  await checkPromised(needs, replica.run, epoch);
  for (const definition of replica.definitions) plans.add(definition);
  const whose = await submitterOf(needs, replica, best);
  await queue.run((set) => adopt(set, replica, { self: self(), epoch, ...whose }));
}

/** Somebody may have been promised a later epoch while this one was asked for. */
async function checkPromised(
  { book, self }: MemberNeeds,
  run: string,
  epoch: number,
): Promise<void> {
  const head = await book.head(run);
  if (head && (head.promised.epoch !== epoch || head.promised.to !== self())) {
    throw otherFirst(run, head.promised);
  }
}

/**
 * Whose run it is, and what it may do here. A run that was submitted here has its submitter's rights, as this
 * server knows them itself; any other has those of the peer that it came from, whatever it says of others.
 */
async function submitterOf(needs: MemberNeeds, replica: Replica, best: string) {
  const { book, self, grantOf } = needs;
  const head = await book.head(replica.run);
  if (head?.origin?.peer === self()) return { origin: head.origin, caller: head.origin.caller };
  // What this server heard of an epoch, it heard from its coordinator.
  const isHeard = head?.epoch === replica.epoch && head.coordinator === replica.coordinator;
  const from = isHeard || best === self() ? replica.coordinator : best;
  const [root] = replica.tasks;
  const told = root ? originOf(root, replica.coordinator) : undefined;
  const origin =
    told && told.peer !== self() ? told : { peer: from, caller: { id: "", grant: null } };
  const { grant } = grantOf(from);
  return { origin, caller: { id: `peer:${origin.peer}`, grant } };
}

/** Whom one can reach is asked to hand over, and is not gone around. */
async function checkGone({ calls, self }: MemberNeeds, head: ReplicaHead): Promise<void> {
  const { run, members, coordinator } = head;
  if (coordinator === self()) return;
  const asked = calls(coordinator).coordinates(run, AbortSignal.timeout(ANSWER_MS));
  const answer = await asked.then(
    (epoch) => ({ epoch }),
    () => undefined,
  );
  if (answer?.epoch !== undefined) {
    const { epoch } = answer;
    const message = `Workflow ${run} is coordinated by ${coordinator}, which answers: ask that one to hand it over`;
    throw new InputError("invalid_input", message, {
      data: { workflowId: run, coordinator, epoch },
    });
  }
  if (answer || members.length >= 3) return;
  const message = `Workflow ${run} has ${members.length} members, and nobody can tell whether ${coordinator} is gone or cannot be reached: it takes a majority of three or more to go on without one; submit with two peers, or let ${coordinator} hand it over`;
  throw new InputError("invalid_input", message, { data: { workflowId: run, members } });
}
