/**
 * Several owners' queues as one source for a worker.
 *
 * Of two owners picked at random the one with more to do is asked (the power of two choices:
 * Mitzenmacher, IEEE TPDS 2001; Sparrow, SOSP 2013). Where neither has anything the worker listens to
 * all: being told that there is work leases nothing, so that whoever is not needed may be hung up on.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import type {
  BeatAnswer,
  ClaimAnswer,
  ClaimMessage,
  HeldTask,
  TaskSource,
  WorkerSkills,
} from "./task-source.ts";

/** One owner. */
export interface OwnedSource {
  /** Its name, for whoever works its tasks. */
  readonly owner: string;
  readonly source: TaskSource;
}

/** What choosing needs. */
export interface ManySourcesNeeds {
  readonly random: () => number;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
}

/** Who said that there is work and then had none is not asked again at once. */
const EMPTY_MS = 250;
/** Length of a lease while no owner has told it. */
const LEASE_MS = 30_000;

/** A source over all of them; with one it is that one. */
export function createManySources(
  owned: readonly OwnedSource[],
  needs: ManySourcesNeeds,
): TaskSource {
  return new ManySources(owned, needs);
}

class ManySources implements TaskSource {
  readonly #owned: readonly OwnedSource[];
  readonly #needs: ManySourcesNeeds;
  /** By task, until it is settled. */
  readonly #sourceOf = new Map<string, OwnedSource>();
  #leaseMs = LEASE_MS;

  constructor(owned: readonly OwnedSource[], needs: ManySourcesNeeds) {
    this.#owned = owned;
    this.#needs = needs;
  }

  async claim(message: ClaimMessage, signal: AbortSignal): Promise<ClaimAnswer> {
    const { clock } = this.#needs;
    const [only, ...others] = this.#owned;
    if (only && others.length === 0) {
      const tasks = await this.#claimFrom(only, message, signal);
      return { tasks, leaseMs: this.#leaseMs };
    }
    const until = clock.monotonic() + message.waitMs;
    for (;;) {
      signal.throwIfAborted();
      const leftMs = Math.max(0, until - clock.monotonic());
      const chosen =
        (await this.#deepest(message, signal)) ?? (await this.#listen(message, leftMs, signal));
      if (!chosen) return { tasks: [], leaseMs: this.#leaseMs };
      const tasks = await this.#claimFrom(chosen, { ...message, waitMs: 0 }, signal);
      if (tasks.length > 0) return { tasks, leaseMs: this.#leaseMs };
      await clock.sleep(EMPTY_MS, signal);
    }
  }

  async depth(skills: WorkerSkills, waitMs: number, signal: AbortSignal): Promise<number> {
    const depths = await Promise.all(
      this.#owned.map(({ source }) => source.depth(skills, waitMs, signal)),
    );
    return depths.reduce((sum, depth) => sum + depth, 0);
  }

  async heartbeat(
    worker: Parameters<TaskSource["heartbeat"]>[0],
    held: readonly HeldTask[],
  ): Promise<BeatAnswer> {
    const groups = [...Map.groupBy(held, ({ id }) => this.#sourceOf.get(id))];
    const told = await Promise.allSettled(
      groups.map(async ([owned, tasks]): Promise<BeatAnswer> => {
        if (owned) return owned.source.heartbeat(worker, tasks);
        return { lost: tasks.map(({ id }) => id), cancelRequested: [], drain: false };
      }),
    );
    const failed = told.find((one) => one.status === "rejected");
    if (failed && told.every(({ status }) => status === "rejected")) throw failed.reason;
    const answers = told.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    return {
      lost: answers.flatMap(({ lost }) => lost),
      cancelRequested: answers.flatMap(({ cancelRequested }) => cancelRequested),
      drain: answers.length > 0 && answers.every(({ drain }) => drain),
      unheard: groups.flatMap(([, tasks], at) =>
        told[at]?.status === "rejected" ? tasks.map(({ id }) => id) : [],
      ),
    };
  }

  async complete(held: HeldTask, result: unknown): Promise<void> {
    await this.#settle(held, (source) => source.complete(held, result));
  }
  async fail(failure: Parameters<TaskSource["fail"]>[0]): Promise<void> {
    await this.#settle(failure, (source) => source.fail(failure));
  }
  async giveBack(held: HeldTask): Promise<void> {
    await this.#settle(held, (source) => source.giveBack(held));
  }
  async progress(...args: Parameters<TaskSource["progress"]>): Promise<void> {
    await this.#sourceOf.get(args[0].id)?.source.progress(...args);
  }

  /** Said until it is heard, so its owner is known until then. */
  async #settle({ id }: HeldTask, tell: (source: TaskSource) => Promise<void>): Promise<void> {
    const owned = this.#sourceOf.get(id);
    if (!owned) return;
    await tell(owned.source);
    this.#sourceOf.delete(id);
  }

  async #claimFrom(
    owned: OwnedSource,
    message: ClaimMessage,
    signal: AbortSignal,
  ): Promise<ClaimAnswer["tasks"]> {
    const { tasks, leaseMs } = await owned.source.claim(message, signal);
    this.#leaseMs = leaseMs;
    for (const { id } of tasks) this.#sourceOf.set(id, owned);
    return tasks.map((task) => ({ ...task, owner: owned.owner }));
  }

  /** Of two at random, the one with more to do; `undefined` where neither has anything. */
  async #deepest(skills: WorkerSkills, signal: AbortSignal): Promise<OwnedSource | undefined> {
    const two = this.#pickTwo();
    const asked = await Promise.allSettled(
      two.map(({ source }) => source.depth(skillsOf(skills), 0, signal)),
    );
    if (asked.every(({ status }) => status === "rejected")) {
      // Another pair may be there; where all are gone, the worker hears why.
      return this.#anyWith(skills, signal);
    }
    const depths = asked.map((one) => (one.status === "fulfilled" ? one.value : 0));
    const most = Math.max(...depths);
    return most > 0 ? two[depths.indexOf(most)] : undefined;
  }

  async #anyWith(skills: WorkerSkills, signal: AbortSignal): Promise<OwnedSource | undefined> {
    const asked = this.#owned.map(async (owned) => {
      const depth = await owned.source.depth(skillsOf(skills), 0, signal);
      return depth > 0 ? owned : undefined;
    });
    // Fails with all of them only.
    return Promise.any(asked).catch(({ errors }: AggregateError) => {
      throw errors[0];
    });
  }

  #pickTwo(): readonly OwnedSource[] {
    const { random } = this.#needs;
    const count = this.#owned.length;
    if (count <= 2) return this.#owned;
    const first = Math.floor(random() * count);
    const second = (first + 1 + Math.floor(random() * (count - 1))) % count;
    return [first, second].flatMap((at) => this.#owned[at] ?? []);
  }

  /** The first to have work within `ms`; `undefined` where nobody has. */
  async #listen(
    skills: WorkerSkills,
    ms: number,
    signal: AbortSignal,
  ): Promise<OwnedSource | undefined> {
    const heard = new AbortController();
    const stop = AbortSignal.any([signal, heard.signal]);
    const waits = this.#owned.map(async (owned) => {
      const depth = await owned.source.depth(skillsOf(skills), ms, stop);
      return depth > 0 ? owned : Promise.reject(new Error(`${owned.owner} has nothing to do`));
    });
    try {
      // Who cannot be asked has nothing to do either; where that is all of them, the next look says so.
      return await Promise.any(waits).catch(() => undefined);
    } finally {
      heard.abort();
    }
  }
}

function skillsOf({ kinds, tools, abilities }: WorkerSkills): WorkerSkills {
  return { kinds, tools, abilities };
}
