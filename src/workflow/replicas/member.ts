/**
 * This server as one of those that take part in runs: it keeps what their coordinators tell, promises,
 * hands over, and takes over.
 *
 * @module
 */

import { AuthError, InputError } from "../../errors.ts";
import { isFinal, type Task } from "../../queue/task.ts";
import type { Caller } from "../../registry/caller.ts";
import { pause, resume } from "../commands.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { dropRun, OWN_AFFAIR, yieldedOf, yieldRun } from "./commands.ts";
import { isOver, unknownRun } from "./errors.ts";
import type { PromiseAnswer } from "./member-calls.ts";
import type { Circle } from "./member-lane.ts";
import type { MemberNeeds } from "./member-needs.ts";
import { originOf } from "./origin.ts";
import { inParts } from "./parts.ts";
import type { Replica } from "./replica.ts";
import type { Heard, Promised, Told } from "./replica-book.ts";
import { claimAgain, takeOver } from "./take-over.ts";

/** How long calls that run may take to end before their run is handed over. */
const HAND_OVER_MS = 10_000;
const LOOK_MS = 100;

/** The member side of one queue. */
export class Member {
  readonly #needs: MemberNeeds;
  /** Runs that somebody here asked to hand over, and to whom. */
  readonly #consents = new Map<string, string>();

  constructor(needs: MemberNeeds) {
    this.#needs = needs;
  }

  /** Finish handing over what was under way when the process ended. */
  async start(): Promise<void> {
    const { queue } = this.#needs;
    const runs = await queue.list({ kind: RUN_KIND, states: ["cancelled"], limit: 1_000 });
    for (const run of runs) if (yieldedOf(run)) await this.#letGo(run);
  }

  /** Take what the coordinators of runs tell. */
  async tell(caller: Caller, told: readonly Told[]): Promise<readonly Heard[]> {
    const { self, checkTool, book } = this.#needs;
    await checkTool("p2p_workflow_submit", caller);
    return Promise.all(
      told.map(async (one): Promise<Heard> => {
        checkCaller(caller, [one.coordinator]);
        const head = await book.head(one.run);
        if (head) checkCaller(caller, head.members);
        const isMember = one.members.includes(self()) && one.members.includes(one.coordinator);
        if (!isMember) throw notMember(one.run, self());
        const own = await this.#own(one.run);
        const epoch = own && runStateOf(own).coordination?.epoch;
        // Who coordinates it here has to hear of it from those who promised.
        if (epoch !== undefined && epoch >= one.epoch) {
          return { run: one.run, promised: { epoch, to: self() } };
        }
        if (own) await this.superseded(one.run, { epoch: one.epoch, to: one.coordinator });
        return book.tell(one);
      }),
    );
  }

  /** The epoch in which a run is coordinated here. */
  async coordinates(run: string): Promise<number | undefined> {
    const own = await this.#own(run);
    return own && runStateOf(own).coordination?.epoch;
  }

  /** Promise a run to a member that wants to coordinate it. */
  async promise(caller: Caller, run: string, epoch: number): Promise<PromiseAnswer> {
    const { book } = this.#needs;
    const to = peerOf(caller);
    const own = await this.#own(run);
    if (own) {
      const { coordination } = runStateOf(own);
      checkCaller(caller, coordination?.members ?? []);
      if (this.#consents.get(run) !== to) return { coordinates: coordination?.epoch ?? 0 };
      await this.#yield(own, { epoch, to });
    }
    const head = await book.head(run);
    if (!head) return { unknown: true };
    checkCaller(caller, head.members);
    if (!(await book.promise(run, { epoch, to }))) {
      return { promised: (await book.head(run))?.promised ?? head.promised };
    }
    return { given: { epoch: head.epoch, version: head.version } };
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
  async take(caller: Caller, run: string, resumes: boolean): Promise<number> {
    const head = await this.#needs.book.head(run);
    if (!head) throw unknownRun(run);
    checkCaller(caller, [head.coordinator]);
    return takeOver(this.#needs, run, { consents: head.coordinator, resumes });
  }

  /** Coordinate a run from now on, whose coordinator is gone; answers with the new epoch. */
  takeOver(run: string): Promise<number> {
    return takeOver(this.#needs, run, { resumes: false });
  }

  /** Let another member coordinate a run from now on; answers with the new epoch. */
  async handOver(run: string, to: string): Promise<number> {
    const { queue, calls, self } = this.#needs;
    const own = await this.#own(run);
    const members = own ? (runStateOf(own).coordination?.members ?? []) : [];
    const others = members.filter((member) => member !== self());
    if (!others.includes(to)) throw noMember(run, to, others);
    const wasPaused = own !== undefined && runStateOf(own).held !== undefined;
    if (!wasPaused) await queue.run((set) => pause(set, run));
    await this.#calm(run);
    const calm = await queue.task(run);
    if (calm && isFinal(calm)) throw isOver(run, calm.state);
    this.#consents.set(run, to);
    try {
      return await calls(to).take(run, !wasPaused);
    } catch (error) {
      // Where it was not promised yet, it goes on here.
      if (!wasPaused && (await this.#own(run))) await queue.run((set) => resume(set, run));
      throw error;
    } finally {
      this.#consents.delete(run);
    }
  }

  /**
   * A member promised a run that is coordinated here to another. Who has taken it has it; else a
   * majority is asked anew. Answers with the new epoch, or nothing where it is another's.
   */
  async contested(run: string, by: Promised): Promise<Circle | undefined> {
    const { calls, self } = this.#needs;
    if (by.to !== self()) {
      const there = await calls(by.to)
        .coordinates(run)
        .catch(() => undefined);
      if (there !== undefined && there >= by.epoch) {
        await this.superseded(run, { epoch: there, to: by.to });
        return undefined;
      }
    }
    const own = await this.#own(run);
    return own && claimAgain(this.#needs, own, by.epoch);
  }

  /** Others go on with a run without this server. */
  async superseded(run: string, by: Promised): Promise<void> {
    const { queue, plans, book, replicator, self, clock } = this.#needs;
    const own = await this.#own(run);
    if (!own) return;
    const { members = [self()] } = runStateOf(own).coordination ?? {};
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

  async #own(run: string): Promise<Task | undefined> {
    const task = await this.#needs.queue.task(run);
    return task?.spec.kind === RUN_KIND && !yieldedOf(task) ? task : undefined;
  }

  /** What runs may end first: whoever goes on with the run would make these calls again. */
  async #calm(run: string): Promise<void> {
    const { queue, clock } = this.#needs;
    const until = clock.monotonic() + HAND_OVER_MS;
    while (clock.monotonic() < until) {
      const leased = await queue.list({ states: ["leased"], groupKey: run, limit: 1 });
      if (leased.length === 0) return;
      await clock.sleep(LOOK_MS);
    }
  }

  async #yield(own: Task, { epoch, to }: Promised): Promise<void> {
    const { queue, plans, self, replicator } = this.#needs;
    const { id } = own.spec;
    replicator.leave(id, "leaving");
    await queue.run((set) => {
      const task = set.task(id);
      if (!task || yieldedOf(task)) return;
      yieldRun(set, task, { to, epoch, plans, self: self() });
    }, OWN_AFFAIR);
    const yielded = await queue.task(id);
    if (yielded) await this.#letGo(yielded);
    replicator.forget(id);
  }

  /** What was coordinated here becomes a replica like those of the other members. */
  async #letGo(run: Task): Promise<void> {
    const { queue, book, blob } = this.#needs;
    const yielded = yieldedOf(run);
    const { id } = run.spec;
    const replica = yielded && ((await blob(yielded.replica)) as Replica | undefined);
    if (!yielded || !replica) return;
    await book.keep(replica, { epoch: yielded.epoch, to: yielded.to });
    await queue.run((set) => {
      const task = set.task(id);
      if (task && isFinal(task)) set.remove(task);
    }, OWN_AFFAIR);
  }
}

function peerOf({ id }: Caller): string {
  return id.startsWith("peer:") ? id.slice("peer:".length) : id;
}

function checkCaller(caller: Caller, members: readonly string[]): void {
  if (members.includes(peerOf(caller))) return;
  const message = `${caller.id} does not take part in this workflow`;
  throw new AuthError("capability_missing", message, { data: { members } });
}

function notMember(run: string, self: string): InputError {
  return new InputError("invalid_input", `${self} does not take part in workflow ${run}`);
}

function noMember(run: string, to: string, others: readonly string[]): Error {
  const who =
    others.length === 0 ? "nobody else takes part in it" : `those are ${others.join(", ")}`;
  const message = `Workflow ${run} can be handed over to those who take part in it, and ${to} does not: ${who}; they are named by peers when it is submitted`;
  return new InputError("invalid_input", message, { data: { workflowId: run, members: others } });
}
