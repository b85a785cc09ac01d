/** What one member is told of the runs that this server coordinates. @module */

import { backoffMs } from "../../concurrency/retry.ts";
import type { Task } from "../../queue/task.ts";
import { inParts, MAX_CHARACTERS } from "./parts.ts";
import type { Heard, Promised, Told } from "./replica-book.ts";
import type { ReplicatorNeeds } from "./replicator.ts";

/** What a lane needs. */
export interface MemberLaneNeeds
  extends Pick<ReplicatorNeeds, "clock" | "random" | "tell" | "read" | "trouble" | "self"> {
  readonly member: string;
  readonly queue: string;
  /** The queue's log: its events, and the CID of its last header. */
  readonly log: () => { readonly version: number; readonly head?: string };
  /** It has more of a run than before. */
  readonly heard: (run: string) => void;
  /** It answers again. */
  readonly isBack: () => void;
  /** It was promised to another, and hears nothing of it from here. */
  readonly promised: (run: string, by: Promised) => void;
}

/** What never changes while this server coordinates a run. */
export interface Circle {
  readonly epoch: number;
  readonly members: readonly string[];
}

/** What the member has of a run, and what it lacks. */
interface Account extends Circle {
  /** Version that it has. */
  known: number;
  /** Version of the last change here. */
  wanted: number;
  /** Tasks that changed since, as they are now. */
  readonly changed: Map<string, Task>;
  /** It is to be told the whole run: it is new to it, or too much changed to be remembered. */
  needsAll: boolean;
}

/** A member that is not there is tried again after about this long, then longer. */
const RETRY = { initialMs: 200, maxMs: 5_000 } as const;
/** Changed tasks that are remembered of a run for a member that is away. */
const MAX_CHANGED = 1_000;
/** Runs of one message. */
const MAX_TOLD = 64;

/** Tells one member, one message after the other. */
export class MemberLane {
  readonly #needs: MemberLaneNeeds;
  readonly #accounts = new Map<string, Account>();
  readonly #closed = new AbortController();
  #isGoing = false;
  #isThere = true;

  constructor(needs: MemberLaneNeeds) {
    this.#needs = needs;
  }

  /** Whether it answered last time. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Follow a run. */
  track(run: string, circle: Circle): void {
    const { epoch, members } = circle;
    const wanted = this.#needs.log().version;
    const account = { epoch, members, known: 0, wanted, changed: new Map(), needsAll: true };
    this.#accounts.set(run, account);
    this.#wake();
  }

  forget(run: string): void {
    this.#accounts.delete(run);
  }

  /** A commit changed a task of the run. */
  changed(run: string, task: Task): void {
    const account = this.#accounts.get(run);
    if (!account) return;
    account.wanted = this.#needs.log().version;
    if (account.changed.size < MAX_CHANGED) account.changed.set(task.spec.id, task);
    else {
      account.needsAll = true;
      account.changed.clear();
    }
    this.#wake();
  }

  /** The version that it has of a run. */
  knownOf(run: string): number {
    return this.#accounts.get(run)?.known ?? 0;
  }
  /** The version that it is to have. */
  wantedOf(run: string): number {
    return this.#accounts.get(run)?.wanted ?? 0;
  }

  close(): void {
    this.#closed.abort();
  }

  #wake(): void {
    if (this.#isGoing || this.#closed.signal.aborted) return;
    this.#isGoing = true;
    // All that one commit changes is told at once.
    queueMicrotask(() => void this.#go());
  }

  #behind(): readonly (readonly [run: string, account: Account])[] {
    return [...this.#accounts].filter(([, one]) => one.needsAll || one.known < one.wanted);
  }

  async #go(): Promise<void> {
    const { clock, random, trouble, member } = this.#needs;
    const { signal } = this.#closed;
    for (let failures = 0; !signal.aborted; ) {
      const behind = this.#behind();
      if (behind.length === 0) break;
      try {
        const [whole] = behind.filter(([, { needsAll }]) => needsAll);
        await (whole ? this.#tellAll(...whole, signal) : this.#tellChanges(behind, signal));
        failures = 0;
        const wasAway = !this.#isThere;
        this.#isThere = true;
        if (wasAway) this.#needs.isBack();
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        this.#isThere = false;
        trouble(`telling ${member} of workflows`, error);
        await clock.sleep(backoffMs(failures, { ...RETRY, random }), signal).catch(() => undefined);
      }
    }
    this.#isGoing = false;
  }

  async #tellAll(run: string, account: Account, signal: AbortSignal): Promise<void> {
    // What changes from here on is remembered; some of it may be in what is read.
    account.needsAll = false;
    account.changed.clear();
    try {
      const replica = await this.#needs.read(run);
      if (!replica) return this.forget(run);
      for (const part of inParts({ ...replica, base: 0, hasMore: false })) {
        await this.#tell([part], signal);
      }
    } catch (error) {
      account.needsAll = true;
      throw error;
    }
  }

  async #tellChanges(
    behind: readonly (readonly [run: string, account: Account])[],
    signal: AbortSignal,
  ): Promise<void> {
    const told = behind.slice(0, MAX_TOLD).map(([run, account]) => this.#changesOf(run, account));
    let batch: Told[] = [];
    let characters = 0;
    for (const part of told.flatMap((one) => inParts(one))) {
      characters += part.characters;
      if (batch.length > 0 && characters > MAX_CHARACTERS) {
        await this.#tell(batch, signal);
        [batch, characters] = [[], part.characters];
      }
      batch.push(part);
    }
    await this.#tell(batch, signal);
  }

  /** What changed since it heard last: as of now, because whole commits are followed at once. */
  #changesOf(run: string, { epoch, members, known, changed }: Account): Told {
    const { log, self, clock, queue } = this.#needs;
    return {
      ...{ run, queue, epoch, members, coordinator: self(), at: clock.now() },
      ...{ ...log(), base: known, definitions: [] },
      ...{ tasks: [...changed.values()], hasMore: false },
    };
  }

  async #tell(told: readonly Told[], signal: AbortSignal): Promise<void> {
    const { tell, member } = this.#needs;
    const heard = new Map((await tell(member, told, signal)).map((one) => [one.run, one]));
    for (const one of told) {
      const answer = heard.get(one.run);
      if (answer) this.#hear(one, answer);
    }
  }

  #hear({ run, epoch, version, tasks, hasMore }: Told, heard: Heard): void {
    const account = this.#accounts.get(run);
    // What was told of an earlier epoch is no account of this one.
    if (account?.epoch !== epoch) return;
    if ("promised" in heard) {
      this.forget(run);
      this.#needs.promised(run, heard.promised);
      return;
    }
    if (hasMore) return;
    if (heard.epoch !== epoch || heard.version < version) {
      // It is not where it was thought to be: it may have lost what it had.
      account.needsAll = true;
      return;
    }
    account.known = version;
    for (const task of tasks) {
      if (account.changed.get(task.spec.id) === task) account.changed.delete(task.spec.id);
    }
    this.#needs.heard(run);
  }
}
