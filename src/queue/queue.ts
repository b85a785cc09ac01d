/**
 * One queue and everything that happens to it: the commands, and what follows from time.
 *
 * Each method resolves when what it did is durable. The rules are in `commands/`; here they are
 * brought together with leases, waiting workers and waiting readers.
 *
 * @module
 */

import * as change from "./commands/change.ts";
import { answer } from "./commands/dialogue.ts";
import * as settle from "./commands/settle.ts";
import { type Submitted, submit } from "./commands/submit.ts";
import { Committer } from "./committer.ts";
import { Dispatcher } from "./dispatcher.ts";
import { dueAt } from "./groups.ts";
import { Keepers, LOOK_MS } from "./keepers.ts";
import type { Overdue } from "./lease-book.ts";
import type { Changes, QueueMeta, TaskQuery } from "./queue-store.ts";
import type { ClaimRequest, HeartbeatAnswer, QueueNeeds } from "./queue-types.ts";
import type { Task, TaskProgress, Token } from "./task.ts";
import { Timekeeper } from "./timekeeper.ts";
import { Watchers } from "./watchers.ts";
import { WorkerBook, type WorkerFacts, type WorkerStats } from "./worker-book.ts";
import type { NewTask } from "./working-set.ts";

/** A running queue. */
export class Queue {
  readonly name: string;
  readonly #needs: QueueNeeds;
  readonly #committer: Committer;
  readonly #time: Timekeeper;
  readonly #workers: WorkerBook;
  readonly #watchers: Watchers;
  readonly #dispatcher: Dispatcher;
  readonly #keepers: Keepers | undefined;

  private constructor(needs: QueueNeeds) {
    const { name, store, clock, random, limits, trouble, defer, flows } = needs;
    this.name = name;
    this.#needs = needs;
    this.#workers = new WorkerBook(clock);
    this.#watchers = new Watchers(store.isShared ? LOOK_MS : Infinity);
    this.#committer = new Committer({
      ...{ queue: name, store, now: () => clock.now(), flows, ...(defer && { defer }) },
      committed: (changes) => this.#committed(changes),
    });
    const keeper = (): string | undefined => this.#keepers?.name;
    const parts = { committer: this.#committer, watchers: this.#watchers, keeper };
    this.#time = new Timekeeper({
      ...{ queue: name, store, clock, random, leaseMs: () => limits().leaseMs, trouble },
      ...parts,
    });
    this.#dispatcher = new Dispatcher({
      ...{ clock, store, workers: this.#workers, lanes: () => this.meta.lanes, ...parts },
      mayStart: (task) => flows?.mayStart(task) ?? true,
    });
    const { keepers: table } = store;
    if (table) this.#keepers = new Keepers({ ...needs, ...parts, table, time: this.#time });
  }

  /** Take the queue over: a new epoch, and full time for every lease that is out. */
  static async open(needs: QueueNeeds): Promise<Queue> {
    const queue = new Queue(needs);
    const epoch = await queue.#committer.run((set) => set.raiseEpoch());
    await queue.#keepers?.start(epoch);
    await queue.#time.start();
    return queue;
  }

  get meta(): QueueMeta {
    return this.#committer.meta;
  }
  get isDraining(): boolean {
    return this.#dispatcher.isDraining;
  }

  submit(wanted: NewTask): Promise<Submitted> {
    const { id, idempotencyKey, groupKey } = wanted.spec;
    const hints = {
      ids: [id],
      keys: idempotencyKey === undefined ? [] : [idempotencyKey],
      groups: groupKey === undefined ? [] : [groupKey],
    };
    const { maxBacklog } = this.#needs.limits();
    return this.#committer.run((set) => submit(set, wanted, maxBacklog), hints);
  }

  /** Lease tasks to a worker; waits for some where there are none, and answers with none at last. */
  claim(request: ClaimRequest, signal?: AbortSignal): Promise<readonly Task[]> {
    return this.#dispatcher.claim(request, signal);
  }

  /** A worker is there, and works on these. */
  async heartbeat(facts: WorkerFacts, leases: readonly Overdue[]): Promise<HeartbeatAnswer> {
    this.#workers.heard(facts);
    const heard = (await this.#keepers?.heartbeat(leases)) ?? this.#time.heartbeat(leases);
    return { ...heard, drain: this.isDraining };
  }

  depth(...asked: Parameters<Dispatcher["depth"]>): Promise<number> {
    return this.#dispatcher.depth(...asked);
  }

  async complete(id: string, token: Token, result: settle.Result): Promise<Task> {
    return accepted(
      await this.#committer.run((set) => settle.complete(set, id, token, result), { ids: [id] }),
    );
  }

  async fail(id: string, token: Token, failure: settle.Failure): Promise<Task> {
    const { random } = this.#needs;
    return accepted(
      await this.#committer.run((set) => settle.fail(set, { id, token, failure }, random), {
        ids: [id],
      }),
    );
  }

  async giveBack(id: string, token: Token): Promise<Task> {
    return accepted(
      await this.#committer.run((set) => settle.giveBack(set, id, token), { ids: [id] }),
    );
  }

  progress(
    id: string,
    token: Token,
    said: { readonly progress?: TaskProgress; readonly log?: string },
  ): Promise<Task> {
    this.#time.leases.renew(id, token);
    return this.#committer.run((set) => change.progress(set, id, token, said), { ids: [id] });
  }

  /** Cancel; one that runs is taken from its worker after `graceMs`. */
  async cancel(id: string, reason: string, graceMs: number): Promise<Task> {
    const task = await this.#committer.run((set) => change.cancel(set, id, reason), { ids: [id] });
    const { lease } = task;
    if (lease?.cancel) this.#time.cancelAfter(id, lease.token, graceMs);
    return task;
  }

  update(
    id: string,
    changes: { readonly labels?: Readonly<Record<string, string>>; readonly note?: string },
  ): Promise<Task> {
    return this.#committer.run((set) => change.update(set, id, changes), { ids: [id] });
  }

  /** Tell it answers to what its handler asked; when none is missing, it goes on. */
  answer(id: string, answers: Readonly<Record<string, unknown>>): Promise<Task> {
    return this.#committer.run((set) => answer(set, settle.known(set, id), answers), { ids: [id] });
  }

  prioritize(id: string, priority: number): Promise<Task> {
    return this.#committer.run((set) => change.prioritize(set, id, priority), { ids: [id] });
  }

  resubmit(
    id: string,
    options: { readonly newId: string; readonly isFresh: boolean },
  ): Promise<Task> {
    return this.#committer.run((set) => change.resubmit(set, id, options), { ids: [id] });
  }

  /** What a module beside this one does to the queue. */
  run: Committer["run"] = (...command) => this.#committer.run(...command);

  async task(id: string): Promise<Task | undefined> {
    const task = await this.#needs.store.task(id);
    return task?.spec.queue === this.name ? task : undefined;
  }

  /** The task once it is over, or as it is after `waitMs`. */
  settled(id: string, waitMs: number, signal?: AbortSignal): Promise<Task | undefined> {
    const { clock } = this.#needs;
    return this.#watchers.settled(id, () => this.task(id), { clock, waitMs, signal });
  }

  /** Call `listener` with each task that changed, after it is durable; returns the stop function. */
  onChange(listener: (task: Task) => void): () => void {
    return this.#watchers.onChange(listener);
  }

  list(query: Omit<TaskQuery, "queue">): Promise<readonly Task[]> {
    return this.#needs.store.list({ ...query, queue: this.name });
  }

  workers(worker?: string): readonly WorkerStats[] {
    return this.#workers.stats(worker);
  }

  leaseLeftMs(id: string): number | undefined {
    return this.#time.leases.leftMs(id);
  }

  /** No more claims; those who hold tasks hear of it with their next heartbeat. */
  drain(): void {
    this.#dispatcher.drain();
  }

  /** Tasks may begin that could not a moment ago. */
  wakeWorkers(): void {
    this.#watchers.wakeWorkers();
  }

  /** Claims again. */
  resume(): void {
    this.#dispatcher.resume();
  }

  async close(): Promise<void> {
    this.#dispatcher.close();
    this.#time.stop();
    this.#watchers.wakeAll();
    await this.#keepers?.stop();
    await this.#committer.settled();
  }

  /** Forget tasks whose time to be kept is over; returns how many. */
  prune(): Promise<number> {
    return this.#time.prune();
  }

  #committed({ meta, tasks, groups }: Changes): void {
    for (const task of tasks) this.#follow(task);
    for (const group of groups) {
      const at = dueAt(group);
      if (at !== undefined) this.#time.expect(at);
    }
    if (Object.keys(meta.lanes).length > 0) this.#watchers.wakeWorkers();
    this.#watchers.changed(tasks);
  }

  #follow(task: Task): void {
    const ended = this.#time.follow(task);
    if (ended) this.#workers.settled(ended.worker, task, ended.heldMs);
    if (task.lease) this.#workers.claimed(task);
  }
}

/** What was accepted; a word that came too late is an error by now recorded. */
function accepted(settled: settle.Settled): Task {
  if (settled.isStale) throw settled.error;
  return settled.task;
}
