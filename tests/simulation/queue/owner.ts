/** The process that owns the queue: the real one, over a simulated clock and disk. @module */

import { type Clock, sleepWith } from "../../../src/concurrency/clock.ts";
import { MeshError } from "../../../src/errors.ts";
import type { Flows } from "../../../src/queue/committer.ts";
import type { LaneNeeds } from "../../../src/queue/order.ts";
import { Queue } from "../../../src/queue/queue.ts";
import type { QueueStore } from "../../../src/queue/queue-store.ts";
import type { Task } from "../../../src/queue/task.ts";
import type { NewTask } from "../../../src/queue/working-set.ts";
import type { Chance } from "./chance.ts";
import type { Disk } from "./disk.ts";
import type { Answer, Message, Request, RunRequest } from "./messages.ts";
import type { Mutation } from "./mutations.ts";
import { createLife, type Life, type Scheduler } from "./scheduler.ts";

/** How long a lease lasts. */
export const LEASE_MS = 1_000;
/** As many tasks as there are. */
export const EVERYTHING = 1_000_000;
/** The name of the queue. */
export const QUEUE = "simulated";
/** When simulated time begins: 2026-01-01. */
export const BEGIN: number = Date.UTC(2026, 0, 1);

/** Workflows of one start of an owner. */
export interface Attached {
  readonly flows: Flows;
  /** The queue has been taken over. */
  opened?(queue: Queue): void;
  ask(queue: Queue, request: RunRequest, now: number): Promise<Answer>;
}

/** What an owner needs. */
export interface OwnerNeeds {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly disk: Disk;
  readonly send: (message: Message) => void;
  readonly maxBacklog: number;
  readonly mutation: Mutation;
  /** Called with the store of each start. */
  readonly attach?: ((store: QueueStore) => Attached) | undefined;
}

/** Answers requests while it runs. */
export class Owner {
  crashes = 0;
  /** How often it took the queue over. */
  takeovers = 0;
  /** Background work that failed, and was tried again. */
  troubles = 0;
  store: QueueStore | undefined;
  queue: Queue | undefined;
  #attached: Attached | undefined;
  readonly #needs: OwnerNeeds;
  #life: Life = createLife(true);
  readonly #beingWritten = new Map<string, NewTask>();
  /** How far the wall clock is off. */
  #wallOffset = 0;

  constructor(needs: OwnerNeeds) {
    this.#needs = needs;
  }

  start(): void {
    const life = createLife(true);
    this.#life = life;
    this.#needs.scheduler.after(1, () => void this.#open(life), life);
  }

  /** Everything that was not on the disk is gone. */
  crash(): void {
    if (this.#life.isOver) return;
    this.crashes += 1;
    this.#life.isOver = true;
    this.#beingWritten.clear();
    this.queue = undefined;
    this.store = undefined;
    this.#needs.disk.crash();
  }

  /** Start again, if it died; go on, if it stood still. */
  revive(): void {
    if (this.#life.isOver) this.start();
    this.#life.pausedUntil = 0;
  }

  /** The wall clock is set, by up to 20 s back or any span ahead. */
  jump(ms: number): void {
    this.#wallOffset += ms - 20_000;
  }

  /** Look at every task, once the owner can. */
  ask(look: (tasks: readonly Task[]) => void): void {
    const run = async (): Promise<void> => {
      const tasks = await this.queue?.list({ limit: EVERYTHING });
      if (tasks) look(tasks);
    };
    this.#needs.scheduler.after(0, () => void run(), this.#life);
  }

  /** Stand still, as a blocked event loop does. */
  pause(ms: number): void {
    this.#life.pausedUntil = this.#needs.scheduler.now + ms;
  }

  receive(message: Message): void {
    if (!("request" in message) || this.#life.isOver) return;
    const life = this.#life;
    const { party, rid, request } = message;
    this.#needs.scheduler.after(0, () => void this.#answer(life, { party, rid, request }), life);
  }

  async #open(life: Life): Promise<void> {
    const { scheduler, chance, disk, mutation } = this.#needs;
    const store = await disk.open(life);
    const limits = {
      leaseMs: mutation === "no-lease-sweep" ? 1e12 : LEASE_MS,
      maxBacklog: this.#needs.maxBacklog,
    };
    const attached = this.#needs.attach?.(store);
    const opening = Queue.open({
      ...(attached && { flows: attached.flows }),
      ...{ name: QUEUE, store, clock: this.#clock(life), limits: () => limits },
      random: () => chance.next(),
      trouble: () => {
        this.troubles += 1;
      },
      // Commands that come within a millisecond or two share a commit.
      defer: (run) => void scheduler.after(chance.between(0, 2), run, life),
    });
    try {
      const queue = await opening;
      if (life.isOver) return;
      this.takeovers += 1;
      this.queue = queue;
      this.store = store;
      this.#attached = attached;
      attached?.opened?.(queue);
    } catch {
      // The disk refused: the process ends, and whoever watches over it starts it once more.
      if (life.isOver) return;
      this.crash();
      scheduler.after(50, () => this.revive());
    }
  }

  get #now(): number {
    return BEGIN + this.#needs.scheduler.now + this.#wallOffset;
  }

  #clock(life: Life): Clock {
    const { scheduler } = this.#needs;
    const bootedAt = scheduler.now;
    const after: Clock["after"] = (ms, run) => scheduler.after(ms, run, life);
    return {
      now: () => this.#now,
      monotonic: () => scheduler.now - bootedAt,
      after,
      sleep: (ms, signal) => sleepWith(after, ms, signal),
    };
  }

  async #answer(
    life: Life,
    { party, rid, request }: Extract<Message, { readonly request: Request }>,
  ): Promise<void> {
    const { queue } = this;
    if (!queue) return;
    let answer: Answer;
    try {
      answer = await this.#ask(queue, request);
    } catch (error) {
      answer = { refused: error instanceof MeshError ? error.code : "storage_failed" };
    }
    if (!life.isOver) this.#needs.send({ party, rid, answer });
  }

  #submit(
    queue: Queue,
    request: Extract<Request, { readonly op: "submit" }>,
  ): ReturnType<Queue["submit"]> {
    const wanted = this.#taskOf(request);
    const submitted = queue.submit(wanted);
    if (this.#needs.mutation !== "early-duplicate-answer") return submitted;
    return this.#answerEarly(wanted, submitted);
  }

  /** The mutant: who asks a second time need not wait for the disk. */
  async #answerEarly(
    wanted: NewTask,
    submitted: ReturnType<Queue["submit"]>,
  ): ReturnType<Queue["submit"]> {
    const key = wanted.spec.idempotencyKey ?? wanted.spec.id;
    const first = this.#beingWritten.get(key);
    if (first) {
      // Nobody hears how this one ends.
      submitted.catch(() => undefined);
      return { task: newborn(first), isDuplicate: true };
    }
    this.#beingWritten.set(key, wanted);
    return submitted.finally(() => this.#beingWritten.delete(key));
  }

  #ask(queue: Queue, request: Request): Promise<Answer> {
    switch (request.op) {
      case "submit":
        return this.#submit(queue, request);
      case "claim":
        return claim(queue, request);
      case "heartbeat":
        return queue
          .heartbeat({ worker: request.worker }, request.leases)
          .then((beat) => ({ beat }));
      case "prune":
        return queue.prune().then((pruned) => ({ pruned }));
      case "submit-run":
      case "pause-run":
      case "resume-run":
        return this.#askRuns(queue, request);
      default:
        return this.#settleOrChange(queue, request).then((task) => ({ task }));
    }
  }

  #askRuns(queue: Queue, request: RunRequest): Promise<Answer> {
    if (!this.#attached) throw new TypeError("nobody attached workflows to this queue");
    return this.#attached.ask(queue, request, this.#now);
  }

  async #settleOrChange(
    queue: Queue,
    request: Exclude<
      Request,
      RunRequest | { readonly op: "submit" | "claim" | "heartbeat" | "prune" }
    >,
  ): ReturnType<Queue["task"]> {
    const { id } = request;
    switch (request.op) {
      case "complete":
        return queue.complete(id, await this.#tokenOf(queue, request), request.result);
      case "fail":
        return queue.fail(id, await this.#tokenOf(queue, request), request.failure);
      case "give-back":
        return queue.giveBack(id, await this.#tokenOf(queue, request));
      case "progress":
        return queue.progress(id, request.token, request);
      case "cancel":
        return queue.cancel(id, "not wanted any more", request.graceMs);
      case "prioritize":
        return queue.prioritize(id, request.priority);
      case "update":
        return queue.update(id, { note: request.note });
      case "resubmit":
        return queue.resubmit(id, { newId: request.newId, isFresh: true });
      case "settled":
        return queue.settled(id, request.waitMs);
    }
  }

  /** The token of a request; without the fence, the one that counts just now. */
  async #tokenOf(
    queue: Queue,
    { id, token }: Extract<Request, { readonly op: "complete" | "fail" | "give-back" }>,
  ): Promise<typeof token> {
    if (this.#needs.mutation !== "no-fence") return token;
    return (await queue.task(id))?.token ?? token;
  }

  #taskOf({ id, wanted }: Extract<Request, { readonly op: "submit" }>): NewTask {
    const now = this.#now;
    return {
      spec: {
        ...wanted.spec,
        ...{ id, queue: QUEUE, submittedAt: now, generation: 0 },
        caller: { id: "client", grant: null },
      },
      priority: wanted.priority,
      labels: wanted.labels,
      runAt: now + wanted.delayMs,
    };
  }
}

function claim(
  queue: Queue,
  { worker, abilities, max, waitMs }: Extract<Request, { readonly op: "claim" }>,
): Promise<Answer> {
  const can = ({ requires }: LaneNeeds): boolean =>
    requires.every((ability) => abilities.includes(ability));
  return queue.claim({ worker, max, waitMs, can }).then((tasks) => ({ tasks }));
}

/** A task as it will be, once it is. */
function newborn(wanted: NewTask): Task {
  return {
    ...wanted,
    ...{ state: "ready", seq: 0, attempts: 0, stalls: 0, token: { epoch: 0, attempt: 0 } },
    ...{ log: [], events: [], updatedAt: 0, tag: 0, isHeld: false },
  };
}
