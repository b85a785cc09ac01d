/**
 * Replicas of runs that others coordinate, and promises about them, on this server's disk.
 *
 * A promise says that nothing is taken any more of an epoch before it (view change of Viewstamped
 * Replication: Liskov and Cowling, MIT-CSAIL-TR-2012-021). It is durable before it is given.
 *
 * @module
 */

import { KeyedMutex } from "../../concurrency/keyed-mutex.ts";
import type { Task } from "../../queue/task.ts";
import type { Origin } from "./origin.ts";
import { compareHeads, type Replica, type ReplicaHead } from "./replica.ts";

/** The part of a store that a book needs; {@link Store} has it. */
export interface BookStore {
  get(key: string): Promise<Uint8Array | undefined>;
  scan(options: { readonly prefix: string }): AsyncIterable<{
    readonly key: string;
    readonly value: Uint8Array;
  }>;
  write(writes: readonly { readonly key: string; readonly value?: Uint8Array }[]): Promise<void>;
}

/** What a coordinator tells of a run. */
export interface Told extends ReplicaHead {
  /** The version that this is to be added to; 0 replaces everything. */
  readonly base: number;
  readonly definitions: readonly unknown[];
  readonly tasks: readonly Task[];
  /** The rest comes with the next one; until then nothing of it counts. */
  readonly hasMore: boolean;
}

/** What is answered to it: which version is here, or who was promised a later epoch. */
export type Heard =
  | { readonly run: string; readonly epoch: number; readonly version: number }
  | { readonly run: string; readonly promised: Promised };

/** To whom, and for which epoch. */
export interface Promised {
  readonly epoch: number;
  readonly to: string;
}

/** What is known of a run beside its tasks. */
export interface BookedHead extends ReplicaHead {
  readonly promised: Promised;
  /** Whose it is, where this server coordinated it and so knows that itself. */
  readonly origin?: Origin;
}

/** What is kept beside the tasks. */
interface Page extends BookedHead {
  readonly definitions: readonly unknown[];
}

const utf8 = new TextEncoder();
const bytesOf = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value));
const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const pageKey = (run: string): string => `run/${run}`;
const taskKey = (run: string, id: string): string => `task/${run}/${id}`;

/** The book; one at a time changes a run in it. */
export class ReplicaBook {
  readonly #store: BookStore;
  readonly #pages = new Map<string, Page>();
  /** Parts of what is not complete yet. */
  readonly #parts = new Map<string, Told>();
  readonly #mutex = new KeyedMutex();
  #read: Promise<void> | undefined;

  constructor(store: BookStore) {
    this.#store = store;
  }

  /** What is known of a run without its tasks. */
  async head(run: string): Promise<BookedHead | undefined> {
    await this.#open();
    return this.#pages.get(run);
  }

  /** Every run that is here. */
  async heads(): Promise<readonly BookedHead[]> {
    await this.#open();
    return [...this.#pages.values()];
  }

  /** The run as its coordinator last told it; `undefined` where nothing was told yet. */
  replica(run: string): Promise<Replica | undefined> {
    return this.#inTurn(run, async () => {
      const page = this.#pages.get(run);
      if (!page || page.version === 0) return undefined;
      const tasks: Task[] = [];
      for await (const { value } of this.#store.scan({ prefix: taskKey(run, "") })) {
        tasks.push(parse(value) as Task);
      }
      const { promised: _, origin: __, ...told } = page;
      // The run's own id is the shortest, and so the first.
      return { ...told, tasks };
    });
  }

  /** The run's own task, as its coordinator last told it. */
  async root(run: string): Promise<Task | undefined> {
    const bytes = await this.#store.get(taskKey(run, run));
    return bytes && (parse(bytes) as Task);
  }

  /** Take what a coordinator tells. */
  tell(told: Told): Promise<Heard> {
    return this.#inTurn(told.run, async () => {
      const { run, epoch } = told;
      const page = this.#pages.get(run);
      if (page && page.promised.epoch > epoch) return { run, promised: page.promised };
      if (!fits(told, page)) return standOf(run, page);
      const whole = joined(this.#parts.get(run), told);
      this.#parts.delete(run);
      if (told.hasMore) {
        this.#parts.set(run, whole);
        return standOf(run, page);
      }
      await this.#keep(whole, { epoch, to: told.coordinator }, page);
      return { run, epoch, version: whole.version };
    });
  }

  /**
   * Promise an epoch; answers with what is here as of then, or with what was promised before to another,
   * or later. `undefined` where nothing is known of the run.
   */
  promise(run: string, promised: Promised): Promise<BookedHead | Promised | undefined> {
    return this.#inTurn(run, async () => {
      const page = this.#pages.get(run);
      if (!page) return undefined;
      const before = page.promised;
      if (before.epoch > promised.epoch) return before;
      if (before.epoch === promised.epoch && before.to !== promised.to) return before;
      const next = { ...page, promised };
      await this.#put(next);
      return next;
    });
  }

  /** Keep what was coordinated here, and promise it to the next coordinator. */
  keep(replica: Replica, promised: Promised, origin: Origin): Promise<void> {
    return this.#inTurn(replica.run, async () => {
      await this.#keep({ ...replica, base: 0, hasMore: false }, promised, { origin });
    });
  }

  /** Who coordinates a run that was here is known before that one tells of it. */
  expect(head: Omit<BookedHead, "promised">): Promise<void> {
    return this.#inTurn(head.run, async () => {
      const page = this.#pages.get(head.run);
      if (page && page.promised.epoch >= head.epoch) return;
      const promised = { epoch: head.epoch, to: head.coordinator };
      await this.#put({ definitions: [], ...page, ...head, promised });
    });
  }

  /** Nothing is kept of a run any more. */
  forget(run: string): Promise<void> {
    return this.#inTurn(run, async () => {
      if (!this.#pages.has(run)) return;
      const keys = await this.#taskKeys(run);
      await this.#store.write([pageKey(run), ...keys].map((key) => ({ key })));
      this.#pages.delete(run);
    });
  }

  async #keep(
    told: Told,
    promised: Promised,
    known: Partial<Pick<Page, "definitions" | "origin">> = {},
  ): Promise<void> {
    const { run, tasks, base, hasMore: _, ...head } = told;
    const definitions = base === 0 ? told.definitions : (known.definitions ?? []);
    const { origin } = known;
    const next: Page = { run, ...head, definitions, promised, ...(origin && { origin }) };
    const fresh = new Set(tasks.map(({ spec }) => taskKey(run, spec.id)));
    const old = base === 0 ? (await this.#taskKeys(run)).filter((key) => !fresh.has(key)) : [];
    await this.#store.write([
      { key: pageKey(run), value: bytesOf(next) },
      ...old.map((key) => ({ key })),
      ...tasks.map((task) => ({ key: taskKey(run, task.spec.id), value: bytesOf(task) })),
    ]);
    this.#pages.set(run, next);
  }

  async #put(page: Page): Promise<void> {
    await this.#store.write([{ key: pageKey(page.run), value: bytesOf(page) }]);
    this.#pages.set(page.run, page);
  }

  async #taskKeys(run: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.scan({ prefix: taskKey(run, "") })) keys.push(key);
    return keys;
  }

  #open(): Promise<void> {
    this.#read ??= (async () => {
      for await (const { value } of this.#store.scan({ prefix: "run/" })) {
        const page = parse(value) as Page;
        this.#pages.set(page.run, page);
      }
    })();
    return this.#read;
  }

  async #inTurn<T>(run: string, work: () => Promise<T>): Promise<T> {
    await this.#open();
    return this.#mutex.run(run, work);
  }
}

function standOf(run: string, page: Page | undefined): Heard {
  return { run, epoch: page?.epoch ?? 0, version: page?.version ?? 0 };
}

/** Whether it follows what is here, or replaces it, and is not older. */
function fits(told: Told, page: Page | undefined): boolean {
  const known = page?.epoch === told.epoch ? page : undefined;
  if (told.base !== 0 && told.base !== known?.version) return false;
  return !known || compareHeads(told, known) > 0;
}

/** Parts of one state of a run, in the order in which they came; parts of another one are left. */
function joined(first: Told | undefined, next: Told): Told {
  if (first?.epoch !== next.epoch || first.version !== next.version) return next;
  const definitions = [...first.definitions, ...next.definitions];
  return { ...next, definitions, tasks: [...first.tasks, ...next.tasks] };
}
