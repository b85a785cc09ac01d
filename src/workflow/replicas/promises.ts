/** Promises of a majority of those who take part in a run. @module */

import { messageOf, UnavailableError } from "../../errors.ts";
import { otherFirst, unknownRun } from "./errors.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { compareHeads, majorityOf, type ReplicaHead } from "./replica.ts";

/** A member that says nothing for so long is not there. */
export const ANSWER_MS = 5_000;
/** How often promises are asked for anew because another was promised more. */
const MAX_ROUNDS = 5;

/** Which state of a run. */
type Stand = Pick<ReplicaHead, "epoch" | "version">;

/** What was promised. */
export interface Majority {
  readonly epoch: number;
  /** Of those who promised, the one that has most of the run. */
  readonly best: string;
}

/**
 * Ask for an epoch after `after`, until a majority has promised it. `own` is what this server has where it
 * coordinates the run itself; else that is in its book.
 */
export async function promisesFor(
  needs: MemberNeeds,
  { run, members }: Pick<ReplicaHead, "run" | "members">,
  after: number,
  own?: Stand,
): Promise<Majority> {
  const { book, self } = needs;
  let epoch = after + 1;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const here = await book.promise(run, { epoch, to: self() });
    if (!here) throw unknownRun(run);
    if (!("run" in here)) throw otherFirst(run, here);
    const { given, later, missing } = await ask(needs, { run, members }, epoch);
    if (given.length + 1 >= majorityOf(members)) {
      const all = [{ member: self(), has: own ?? here }, ...given];
      const [best] = all.toSorted((a, b) => compareHeads(b.has, a.has));
      return { epoch, best: best?.member ?? self() };
    }
    if (later === 0) throw noMajority(run, members, missing);
    epoch = Math.max(epoch, later) + 1;
  }
  throw noMajority(run, members, ["others ask for it at the same time"]);
}

/** What the other members answered. */
interface Answers {
  readonly given: readonly {
    readonly member: string;
    readonly has: Stand;
  }[];
  /** The latest epoch that somebody else was promised; 0 where there is none. */
  readonly later: number;
  /** Why the rest did not promise. */
  readonly missing: readonly string[];
}

async function ask(
  { calls, self }: MemberNeeds,
  { run, members }: Pick<ReplicaHead, "run" | "members">,
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
