/**
 * Runs that others take part in, as their coordinator: each commit is told to the others, and what
 * follows from it is held until a majority has it.
 *
 * So a run goes on elsewhere with everything that anybody was told of it (log shipping to a quorum:
 * Viewstamped Replication, Liskov and Cowling, MIT-CSAIL-TR-2012-021). Who has fallen behind is told the
 * whole run; one that is away is told when it is back.
 *
 * @module
 */

import type { Clock } from "../../concurrency/clock.ts";
import type { Queue } from "../../queue/queue.ts";
import { isFinal, type Task } from "../../queue/task.ts";
import { rootOf } from "../parts.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import { type Followed, stopping, supersededError } from "./followed.ts";
import { type Circle, MemberLane } from "./member-lane.ts";
import { majorityOf, type Replica } from "./replica.ts";
import type { Heard, Promised, Told } from "./replica-book.ts";

/** What a replicator needs. */
export interface ReplicatorNeeds {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly self: () => string;
  /** Tell a member. */
  readonly tell: (
    member: string,
    told: readonly Told[],
    signal: AbortSignal,
  ) => Promise<readonly Heard[]>;
  /** The run as it is in the store, by a read of its own; `undefined` where it is gone. */
  readonly read: (run: string) => Promise<Replica | undefined>;
  /** A member promised the run to another: settle who coordinates it, and answer with the new epoch where it is this server. */
  readonly contested: (run: string, by: Promised) => Promise<Circle | undefined>;
  readonly trouble: (what: string, error: unknown) => void;
}

/** How often a server that does not know yet who it is asks itself. */
const SELF_MS = 200;
/** How soon it is tried again to settle who coordinates a run. */
const CONTEST_MS = 2_000;
/** Runs of one page of the list that is read at the start. */
const PAGE = 1_000;
/** A run that ended may not have been told to all; one that ended longer ago than this has been. */
const RECENT_MS = 3_600_000;

/** The runs of one queue that others have, too. */
export class Replicator {
  readonly #needs: ReplicatorNeeds;
  readonly #runs = new Map<string, Followed>();
  readonly #lanes = new Map<string, MemberLane>();
  readonly #unlisten: () => void;
  #isClosed = false;

  constructor(needs: ReplicatorNeeds) {
    this.#needs = needs;
    this.#unlisten = needs.queue.onChange((task) => this.#follow(task));
  }

  /** Go on with what was there before. */
  async start(): Promise<void> {
    const { queue, clock } = this.#needs;
    const since = clock.now() - RECENT_MS;
    for (let before: number | undefined; ; ) {
      const page = await queue.list({
        ...{ kind: RUN_KIND, limit: PAGE },
        ...(before !== undefined && { before }),
      });
      for (const run of page) {
        if (!isFinal(run) || run.updatedAt > since) this.#track(run);
      }
      if (page.length < PAGE) return;
      before = page.at(-1)?.seq;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten();
    for (const lane of this.#lanes.values()) lane.close();
    for (const { waiting } of this.#runs.values()) {
      for (const one of waiting) one.reject(stopping());
    }
  }

  /** Resolves when a majority has these runs as of `version`; `undefined` where nobody has to. */
  hold(runs: Iterable<string>, version: number): Promise<void> | undefined {
    const waits = [...runs].flatMap((run) => this.#wait(run, () => version) ?? []);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** Resolves when a majority has what is known here of a run. */
  async confirmed(run: string): Promise<void> {
    await this.#wait(run, (followed) => this.#lastTold(run, followed));
  }

  #wait(run: string, versionOf: (followed: Followed) => number): Promise<void> | undefined {
    const followed = this.#runs.get(run);
    if (!followed || followed.standing === "leaving") return undefined;
    if (this.#isClosed) return Promise.reject(stopping());
    if (followed.standing === "gone") return Promise.reject(supersededError(run));
    const version = versionOf(followed);
    if (followed.standing === "ours" && this.#isKnown(run, followed, version)) return undefined;
    return new Promise<void>((resolve, reject) => {
      followed.waiting.add({ version, resolve, reject });
    });
  }

  /** Whether a majority has what is known here of a run; `undefined` where nobody else takes part. */
  isConfirmed(run: string): boolean | undefined {
    const followed = this.#runs.get(run);
    if (!followed) return undefined;
    return (
      followed.standing === "ours" &&
      followed.waiting.size === 0 &&
      this.#isKnown(run, followed, this.#lastTold(run, followed))
    );
  }

  /** Whether calls of a run may begin: without a majority, who claims them would wait for it. */
  mayStart(task: Task): boolean {
    const followed = this.#runs.get(rootOf(task.spec.id));
    if (!followed) return true;
    if (followed.standing !== "ours") return false;
    const there = followed.others.filter((member) => this.#lanes.get(member)?.isThere);
    return there.length + 1 >= majorityOf(followed.members);
  }

  /** It is about to be another's: nothing of it begins, and whoever waits hears so. */
  leave(run: string, standing: "leaving" | "gone"): void {
    const followed = this.#runs.get(run);
    if (!followed) return;
    followed.standing = standing;
    for (const one of followed.waiting) one.reject(supersededError(run));
    followed.waiting.clear();
    for (const member of followed.others) this.#lanes.get(member)?.forget(run);
  }

  /** Nothing is here of it any more. */
  forget(run: string): void {
    this.#runs.delete(run);
  }

  #follow(task: Task): void {
    if (this.#isClosed || (task.spec.flow === undefined && task.spec.kind !== RUN_KIND)) return;
    const root = rootOf(task.spec.id);
    if (task.spec.id === root) this.#track(task);
    const followed = this.#runs.get(root);
    for (const member of followed?.others ?? []) this.#lanes.get(member)?.changed(root, task);
  }

  #track(task: Task): void {
    const { id } = task.spec;
    const { coordination, yielded } = runStateOf(task) ?? {};
    if (!coordination || yielded || this.#runs.has(id)) return;
    const { members } = coordination;
    const followed: Followed = { members, others: [], waiting: new Set(), standing: "unknown" };
    this.#runs.set(id, followed);
    if (members.includes(this.#needs.self())) this.#begin(id, followed, coordination);
    else void this.#beginLater(id, followed, coordination);
  }

  #begin(run: string, followed: Followed, circle: Circle): void {
    followed.others = followed.members.filter((member) => member !== this.#needs.self());
    for (const member of followed.others) this.#laneOf(member).track(run, circle);
    followed.standing = "ours";
  }

  /** A server learns who it is when its mesh has started, which may be after its queues were opened. */
  async #beginLater(run: string, followed: Followed, circle: Circle): Promise<void> {
    const { clock, self } = this.#needs;
    while (!this.#isClosed && this.#runs.get(run) === followed) {
      if (followed.members.includes(self())) {
        this.#begin(run, followed, circle);
        this.#needs.queue.wakeWorkers();
        return;
      }
      await clock.sleep(SELF_MS);
    }
  }

  #laneOf(member: string): MemberLane {
    const known = this.#lanes.get(member);
    if (known) return known;
    const { queue } = this.#needs;
    const lane = new MemberLane({
      ...this.#needs,
      ...{ member, queue: queue.name },
      log: () => {
        const { nextEvent, head } = queue.meta;
        return { version: nextEvent - 1, ...(head !== undefined && { head }) };
      },
      heard: (run) => this.#heard(run),
      isBack: () => queue.wakeWorkers(),
      promised: (run, by) => void this.#contest(run, by),
    });
    this.#lanes.set(member, lane);
    return lane;
  }

  #isKnown(run: string, { others, members }: Followed, version: number): boolean {
    const known = others.filter(
      (member) => (this.#lanes.get(member)?.knownOf(run) ?? 0) >= version,
    );
    return known.length + 1 >= majorityOf(members);
  }

  #lastTold(run: string, { others }: Followed): number {
    return Math.max(0, ...others.map((member) => this.#lanes.get(member)?.wantedOf(run) ?? 0));
  }

  #heard(run: string): void {
    const followed = this.#runs.get(run);
    if (!followed) return;
    for (const one of followed.waiting) {
      if (!this.#isKnown(run, followed, one.version)) continue;
      followed.waiting.delete(one);
      one.resolve();
    }
  }

  /** A majority may yet hear this server; it is asked again, for a later epoch, unless somebody has the run. */
  async #contest(run: string, by: Promised): Promise<void> {
    const { contested, trouble, clock } = this.#needs;
    const followed = this.#runs.get(run);
    if (followed?.standing !== "ours") return;
    followed.standing = "contested";
    while (this.#runs.get(run) === followed && !this.#isClosed) {
      try {
        const circle = await contested(run, by);
        // It may be another's, or have come back as another's successor.
        if (!circle || this.#runs.get(run) !== followed) return;
        this.#begin(run, followed, circle);
        this.#heard(run);
        this.#needs.queue.wakeWorkers();
        return;
      } catch (error) {
        trouble(`settling who coordinates ${run}`, error);
        await clock.sleep(CONTEST_MS);
      }
    }
  }
}
