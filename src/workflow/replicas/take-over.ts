/**
 * A run gets a new coordinator: a majority of those who take part promises not to hear the old one any
 * more, and the latest that any of them has is what goes on.
 *
 * What the old coordinator told anybody was at a majority before, so one of those who promise has it.
 *
 * @module
 */

import { InputError, messageOf, UnavailableError } from "../../errors.ts";
import { isFinal, type Task } from "../../queue/task.ts";
import { resume } from "../commands.ts";
import { runStateOf } from "../run-state.ts";
import { adopt } from "./adopt.ts";
import { dropRun, OWN_AFFAIR, raiseEpoch } from "./commands.ts";
import { otherFirst, unknownRun } from "./errors.ts";
import type { Circle } from "./member-lane.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { compareHeads, majorityOf, type Replica, type ReplicaHead } from "./replica.ts";
import type { BookedHead } from "./replica-book.ts";

/** How it is taken over. */
export interface TakeOver {
  /** The coordinator, where it asked for this. */
  readonly consents?: string;
  /** Whether it was paused only to be handed over. */
  readonly resumes: boolean;
}

/** A member that says nothing for so long is not there. */
const ANSWER_MS = 5_000;
/** Promises that are asked for anew when another was promised more. */
const MAX_ROUNDS = 5;

/** Coordinate a run from now on; answers with the new epoch. */
export async function takeOver(
  needs: MemberNeeds,
  run: string,
  { consents, resumes }: TakeOver,
): Promise<number> {
  const { book, queue, self } = needs;
  const head = await book.head(run);
  if (!head) throw unknownRun(run);
  if (consents === undefined) await checkGone(needs, head);
  const { epoch, best } = await promised(needs, head);
  const replica = best === self() ? await book.replica(run) : await needs.calls(best).fetch(run);
  if (!replica) throw unknownRun(run);
  await adoptHere(needs, replica, epoch);
  const adopted = await queue.task(run);
  if (resumes && adopted && !isFinal(adopted)) await queue.run((set) => resume(set, run));
  return epoch;
}

async function adoptHere(needs: MemberNeeds, replica: Replica, epoch: number): Promise<void> {
  const { plans, queue, self, callerOf } = needs;
  for (const definition of replica.definitions) plans.add(definition);
  await queue.run((set) => adopt(set, replica, { self: self(), epoch, callerOf }));
}

/**
 * Coordinate a run on, which a member promised to somebody who never had it; for an epoch after `after`.
 * Where that one had told others more than is here, it goes on from that.
 */
export async function claimAgain(needs: MemberNeeds, own: Task, after: number): Promise<Circle> {
  const { book, queue, plans, self, clock, replicator } = needs;
  const { id: run } = own.spec;
  const { epoch: before, members } = runStateOf(own).coordination ?? { epoch: 0, members: [] };
  const has = { epoch: before, version: queue.meta.nextEvent - 1 };
  const head = { run, queue: queue.name, ...has, coordinator: self(), members, at: clock.now() };
  await book.expect({ ...head, epoch: after + 1, version: 0 });
  const { epoch, best } = await promised(needs, { ...head, promised: { epoch: after, to: "" } });
  if (best === self()) {
    await queue.run((set) => raiseEpoch(set, run, { epoch, members }), OWN_AFFAIR);
  } else {
    const replica = await needs.calls(best).fetch(run);
    replicator.leave(run, "leaving");
    await queue.run((set) => {
      const task = set.task(run);
      if (task) dropRun(set, task, plans, best);
    }, OWN_AFFAIR);
    replicator.forget(run);
    await adoptHere(needs, replica, epoch);
  }
  return { epoch, members };
}

/** Whom one can reach is asked to hand over, and is not gone around. */
async function checkGone(needs: MemberNeeds, head: ReplicaHead): Promise<void> {
  const { run, members, coordinator } = head;
  if (members.length < 3) {
    const message = `Workflow ${run} has ${members.length} members, and nobody can tell whether ${coordinator} is gone or cannot be reached: it takes a majority of three or more to go on without one; submit with two peers, or let ${coordinator} hand it over`;
    throw new InputError("invalid_input", message, { data: { workflowId: run, members } });
  }
  if (coordinator === needs.self()) return;
  const epoch = await needs
    .calls(coordinator)
    .coordinates(run, AbortSignal.timeout(ANSWER_MS))
    .catch(() => undefined);
  if (epoch === undefined) return;
  const message = `Workflow ${run} is coordinated by ${coordinator}, which answers: ask that one to hand it over`;
  throw new InputError("invalid_input", message, { data: { workflowId: run, coordinator, epoch } });
}

/** Promises of a majority, and the member that has most of the run. */
async function promised(
  needs: MemberNeeds,
  head: BookedHead,
): Promise<{ readonly epoch: number; readonly best: string }> {
  const { book, self } = needs;
  const { run, members } = head;
  let epoch = Math.max(head.epoch, head.promised.epoch) + 1;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (!(await book.promise(run, { epoch, to: self() }))) break;
    const { given, later, missing } = await ask(needs, head, epoch);
    if (given.length + 1 >= majorityOf(members)) {
      const all = [{ member: self(), has: head }, ...given];
      const [best] = all.toSorted((a, b) => compareHeads(b.has, a.has));
      return { epoch, best: best?.member ?? self() };
    }
    if (later === 0) throw noMajority(run, members, missing);
    epoch = Math.max(epoch, later) + 1;
  }
  throw otherFirst(run, (await book.head(run))?.promised ?? head.promised);
}

/** What the other members answered. */
interface Answers {
  readonly given: readonly {
    readonly member: string;
    readonly has: Pick<ReplicaHead, "epoch" | "version">;
  }[];
  /** The latest epoch that somebody else was promised; 0 where there is none. */
  readonly later: number;
  /** Why the rest did not promise. */
  readonly missing: readonly string[];
}

async function ask(
  { calls, self }: MemberNeeds,
  { run, members }: ReplicaHead,
  epoch: number,
): Promise<Answers> {
  const answers = await Promise.all(
    members
      .filter((member) => member !== self())
      .map(async (member) => {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const asked = calls(member).promise(run, epoch, signal);
        const answer = await asked.catch((error: unknown) => ({ error }));
        return { member, answer };
      }),
  );
  return {
    given: answers.flatMap(({ member, answer }) =>
      "given" in answer ? [{ member, has: answer.given }] : [],
    ),
    later: Math.max(
      0,
      ...answers.map(({ answer }) => ("promised" in answer ? answer.promised.epoch : 0)),
    ),
    missing: answers.flatMap(({ member, answer }) => {
      if ("error" in answer) return [`${member}: ${messageOf(answer.error)}`];
      if ("coordinates" in answer) return [`${member} coordinates it`];
      return "unknown" in answer ? [`${member} knows nothing of it`] : [];
    }),
  };
}

function noMajority(
  run: string,
  members: readonly string[],
  missing: readonly string[],
): UnavailableError {
  const needed = majorityOf(members);
  const message = `Workflow ${run} can be taken over when ${needed} of its ${members.length} members agree; these did not: ${missing.join("; ")}`;
  return new UnavailableError("peer_unreachable", message, { data: { workflowId: run, needed } });
}
