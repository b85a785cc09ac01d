/**
 * This server as one of those that take part in runs: it keeps what their coordinators tell, promises,
 * hands over, and takes over.
 *
 * What others ask about one run is done one after the other, and nobody is asked anything meanwhile:
 * members ask each other.
 *
 * @module
 */

import { InputError, IntegrityError } from "../../errors.ts";
import type { Caller } from "../../registry/caller.ts";
import { rootOf } from "../parts.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { yieldedOf } from "./commands.ts";
import { checkCaller, notMember, peerOf, unknownRun } from "./errors.ts";
import { handOver } from "./hand-over.ts";
import { bookYielded, ownRun, superseded, yieldTo } from "./let-go.ts";
import type { PromiseAnswer } from "./member-calls.ts";
import type { Circle } from "./member-lane.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { inParts } from "./parts.ts";
import type { Heard, Promised, Told } from "./replica-book.ts";
import { claimAgain, takeOver } from "./take-over.ts";
import { keepUp } from "./upkeep.ts";

/** The member side of one queue. */
export class Member {
  readonly #needs: MemberNeeds;
  /** Runs that somebody here asked to hand over, and to whom. */
  readonly #consents = new Map<string, string>();
  readonly #closed = new AbortController();

  constructor(needs: MemberNeeds) {
    this.#needs = needs;
  }

  /** Finish what was under way when the process ended. */
  async start(): Promise<void> {
    const { queue } = this.#needs;
    const runs = await queue.list({ kind: RUN_KIND, states: ["cancelled"], limit: 1_000 });
    for (const run of runs) if (yieldedOf(run)) await bookYielded(this.#needs, run.spec.id);
    void keepUp(this.#needs, (run) => this.takeOver(run), this.#closed.signal);
  }

  close(): void {
    this.#closed.abort();
  }

  /** Take what the coordinators of runs tell. */
  async tell(caller: Caller, told: readonly Told[]): Promise<readonly Heard[]> {
    const { checkTool, mutex } = this.#needs;
    await checkTool("p2p_workflow_submit", caller);
    return Promise.all(told.map((one) => mutex.run(one.run, () => this.#tell(caller, one))));
  }

  async #tell(caller: Caller, told: Told): Promise<Heard> {
    const { self, book } = this.#needs;
    const { run, epoch, coordinator, members } = told;
    checkCaller(caller, [coordinator]);
    const head = await book.head(run);
    if (head) checkCaller(caller, head.members);
    if (!members.includes(self()) || !members.includes(coordinator)) throw notMember(run, self());
    checkTasks(told);
    if (head && head.promised.epoch > epoch) return { run, promised: head.promised };
    const own = await ownRun(this.#needs, run);
    const here = own && runStateOf(own).coordination?.epoch;
    // Who coordinates it here has to hear of it from those who promised.
    if (here !== undefined && here >= epoch) return { run, promised: { epoch: here, to: self() } };
    await superseded(this.#needs, run, { epoch, to: coordinator });
    return book.tell(told);
  }

  /** The epoch in which a run is coordinated here; only who takes part in it hears of that. */
  async coordinates(caller: Caller, run: string): Promise<number | undefined> {
    const own = await ownRun(this.#needs, run);
    const { epoch, members = [] } = (own && runStateOf(own).coordination) ?? {};
    return members.includes(peerOf(caller)) ? epoch : undefined;
  }

  /** Promise a run to a member that wants to coordinate it. */
  promise(caller: Caller, run: string, epoch: number): Promise<PromiseAnswer> {
    return this.#needs.mutex.run(run, async (): Promise<PromiseAnswer> => {
      const { book } = this.#needs;
      const to = peerOf(caller);
      const own = await ownRun(this.#needs, run);
      if (own) {
        const { epoch: here = 0, members = [] } = runStateOf(own).coordination ?? {};
        checkCaller(caller, members);
        if (this.#consents.get(run) !== to) return { coordinates: here };
        await yieldTo(this.#needs, run, { epoch, to });
      }
      const head = await book.head(run);
      if (!head) return { unknown: true };
      checkCaller(caller, head.members);
      const given = await book.promise(run, { epoch, to });
      if (!given) return { unknown: true };
      if (!("run" in given)) return { promised: given };
      return { given: { epoch: given.epoch, version: given.version } };
    });
  }

  /** A part of what is here of a run. */
  async fetch(caller: Caller, run: string, part: number): Promise<Told> {
    const replica = await this.#needs.book.replica(run);
    if (!replica) throw unknownRun(run);
    checkCaller(caller, replica.members);
    const told = inParts({ ...replica, base: 0, hasMore: false })[part];
    if (told) return told;
    throw new InputError("not_found", `There is no part ${part} of ${run}`);
  }

  /** The coordinator asks this server to coordinate a run from now on. */
  async take(caller: Caller, run: string): Promise<number> {
    const { book, self } = this.#needs;
    const head = await book.head(run);
    if (!head) throw unknownRun(run);
    checkCaller(caller, [head.coordinator]);
    // Who hands over still coordinates until it is asked for its promise, and then it yields.
    return takeOver(this.#needs, run, { consents: head.coordinator !== self() });
  }

  /** Coordinate a run from now on, whose coordinator is gone; answers with the new epoch. */
  takeOver(run: string): Promise<number> {
    return takeOver(this.#needs, run, { consents: false });
  }

  /** Let another member coordinate a run from now on; answers with the new epoch. */
  handOver(run: string, to: string): Promise<number> {
    const { calls } = this.#needs;
    return handOver(this.#needs, { run, to }, async () => {
      this.#consents.set(run, to);
      try {
        return await calls(to).take(run);
      } finally {
        this.#consents.delete(run);
      }
    });
  }

  /**
   * A member promised a run that is coordinated here to another. Who has taken it has it; else a
   * majority is asked anew. Answers with the new epoch, or nothing where it is another's.
   */
  async contested(run: string, by: Promised): Promise<Circle | undefined> {
    const { calls, self, mutex } = this.#needs;
    if (by.to !== self()) {
      const there = await calls(by.to)
        .coordinates(run)
        .catch(() => undefined);
      if (there !== undefined && there >= by.epoch) {
        await mutex.run(run, () => superseded(this.#needs, run, { epoch: there, to: by.to }));
      }
    }
    const own = await ownRun(this.#needs, run);
    return own && claimAgain(this.#needs, own, by.epoch);
  }
}

/** A run is made of tasks under its own id: nobody writes into what is here of others. */
function checkTasks({ run, tasks }: Told): void {
  const stranger = tasks.find(({ spec }) => rootOf(spec.id) !== run);
  if (!stranger) return;
  const message = `The task ${stranger.spec.id} is no part of workflow ${run}`;
  throw new IntegrityError("malformed_frame", message, { data: { workflowId: run } });
}
