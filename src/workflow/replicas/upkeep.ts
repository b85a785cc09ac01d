/** What becomes of replicas in the course of time: runs that nobody has are taken, old ones are forgotten. @module */

import { isFinal } from "../../queue/task.ts";
import { ownRun } from "./let-go.ts";
import type { MemberNeeds } from "./member-needs.ts";
import type { BookedHead } from "./replica-book.ts";

/** How often runs are looked for that were promised to this server, and that nobody has. */
const FINISH_MS = 5_000;
/** How often it is looked for what is old. */
const FORGET_MS = 600_000;
/** So long it is remembered who has a run of which nothing else was ever told. */
const UNTOLD_MS = 7 * 86_400_000;

/** Look after the replicas of a queue until the signal fires. */
export async function keepUp(
  needs: MemberNeeds,
  takeOver: (run: string) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, book, queue, trouble } = needs;
  let lookedAt = clock.monotonic();
  const lookAfter = async (head: BookedHead, forgets: boolean): Promise<void> => {
    try {
      if (forgets && (await isOld(needs, head))) await book.forget(head.run);
      else if (await isOrphan(needs, head)) await takeOver(head.run);
    } catch (error) {
      if (!signal.aborted) trouble(`looking after workflow ${head.run}`, error);
    }
  };
  for (;;) {
    await clock.sleep(FINISH_MS, signal).catch(() => undefined);
    const forgets = clock.monotonic() - lookedAt >= FORGET_MS;
    if (forgets) lookedAt = clock.monotonic();
    const heads = signal.aborted ? [] : await book.heads();
    for (const head of heads.filter((one) => one.queue === queue.name)) {
      if (!signal.aborted) await lookAfter(head, forgets);
    }
    if (signal.aborted) return;
  }
}

/**
 * Whoever was promised a run, and died or was cut off before it had the run, takes it when it can. What is
 * over needs no coordinator.
 */
async function isOrphan(needs: MemberNeeds, head: BookedHead): Promise<boolean> {
  const { book, self } = needs;
  const { run, epoch, version, promised } = head;
  if (promised.to !== self() || promised.epoch <= epoch || version === 0) return false;
  if (await ownRun(needs, run)) return false;
  const root = await book.root(run);
  return root !== undefined && !isFinal(root);
}

/** Its coordinator has forgotten it by now, too. */
async function isOld({ book, clock }: MemberNeeds, { run, at }: BookedHead): Promise<boolean> {
  const root = await book.root(run);
  if (!root) return at + UNTOLD_MS < clock.now();
  return isFinal(root) && (root.finishedAt ?? at) + root.spec.resultTtlMs < clock.now();
}
