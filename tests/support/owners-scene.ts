/**
 * Several owners of queues in one process, each with workflows, an outbox and tools that are functions.
 *
 * They ask each other through the methods that peers ask, as JSON, over links that a test can cut.
 *
 * @module
 */

import { systemClock } from "../../src/concurrency/clock.ts";
import { UnavailableError } from "../../src/errors.ts";
import { givenMethods } from "../../src/queue/given-methods.ts";
import { GivenTasks } from "../../src/queue/given-tasks.ts";
import { resultOf } from "../../src/queue/local-source.ts";
import { createMemoryQueueStore } from "../../src/queue/memory-store.ts";
import type { Params, QueueMethod } from "../../src/queue/method.ts";
import type { PeerQueue } from "../../src/queue/peer-queue.ts";
import { Queue } from "../../src/queue/queue.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { createPeerQueue } from "../../src/queue/remote-peer-queue.ts";
import type { Request } from "../../src/queue/remote-source.ts";
import type { Task } from "../../src/queue/task.ts";
import { newTaskId } from "../../src/queue/task-id.ts";
import { localCaller, storeCaller } from "../../src/registry/caller.ts";
import type { TaskScope } from "../../src/registry/tasks.ts";
import type { Workflows } from "../../src/registry/workflows.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import { createFlows } from "../../src/workflow/flows.ts";
import { Outbox } from "../../src/workflow/outbox/outbox.ts";
import { memberMethods } from "../../src/workflow/replicas/member-methods.ts";
import { Membership } from "../../src/workflow/replicas/membership.ts";
import { ReplicaBook } from "../../src/workflow/replicas/replica-book.ts";
import { shareWorkflows } from "../../src/workflow/replicas/shared-workflows.ts";
import { createWorkflowService } from "../../src/workflow/service.ts";
import type { Cleanup } from "./temp-folder.ts";

/** What a tool does; `owner` is whose queue it was called from. */
export type OwnerTool = (input: never, owner: string) => unknown;

/** One owner. */
export interface Owner {
  readonly name: string;
  readonly queue: Queue;
  readonly store: QueueStore;
  /** Tools that were called in its queue, in order. */
  readonly calls: readonly string[];
  /** Its workflows, and what it knows of those of others. */
  readonly workflows: Workflows;
  submit(
    workflow: object,
    about?: { readonly input?: unknown; readonly peers?: readonly string[] },
  ): Promise<string>;
  /** Wait for a run to be over. */
  ended(id: string): Promise<Task>;
  /** Answer a method as a peer of that name asks for it. */
  answer(from: string, method: string, params: Readonly<Record<string, unknown>>): Promise<Params>;
  /** As after kill -9: everything in memory is gone, and what the disk has is opened again. */
  crash(): Promise<void>;
  /** Resolves when it claims no more; until it is woken. */
  sleep(): Promise<void>;
  wake(): void;
}

/** Owners, and what is between them. */
export interface OwnersScene<Name extends string> {
  readonly owners: Readonly<Record<Name, Owner>>;
  /** From now on nobody reaches this one, and it reaches nobody. */
  cut(name: Name): void;
  heal(name: Name): void;
  /** Requests that were sent, `from → to method`. */
  readonly requests: readonly string[];
}

const DEFAULTS = {
  ...{ timeoutMs: 60_000, maxAttempts: 3, maxStalls: 3, resultTtlMs: 3_600_000 },
  backoff: { initialMs: 10, factor: 2, maxMs: 100, jitter: 0 },
};

/** The submitter of every run. */
export const MINE: TaskScope = { caller: localCaller, queue: "default" };

/** Open owners of these names. */
export async function createOwnersScene<Name extends string>(
  t: Cleanup,
  names: readonly Name[],
  tools: Readonly<Record<string, OwnerTool>>,
): Promise<OwnersScene<Name>> {
  const cutOff = new Set<string>();
  const requests: string[] = [];
  const owners = new Map<string, OpenOwner>();
  const link =
    (from: string, to: string): Request =>
    async (method, params, signal) => {
      const reach = (): void => {
        const other = owners.get(to);
        if (other && !cutOff.has(from) && !cutOff.has(to)) return;
        throw new UnavailableError("peer_unreachable", `${to} is not there`);
      };
      reach();
      requests.push(`${from} → ${to} ${method}`);
      const abort = signal ?? new AbortController().signal;
      const answer = await owners.get(to)?.answer(from, method, copyOf(params), abort);
      reach();
      return copyOf(answer ?? {});
    };
  for (const name of names) {
    const owner = new OpenOwner(name, tools, {
      reach: async (to) => {
        const isThere = owners.has(to) && !cutOff.has(name) && !cutOff.has(to);
        if (!isThere) throw new UnavailableError("peer_unreachable", `${to} is not there`);
      },
      request: (to) => link(name, to),
    });
    owners.set(name, owner);
    await owner.open();
  }
  t.after(async () => {
    for (const owner of owners.values()) await owner.close();
  });
  return {
    // One for each of the names.
    owners: Object.fromEntries(owners) as unknown as Readonly<Record<Name, Owner>>,
    requests,
    cut: (name) => void cutOff.add(name),
    heal: (name) => void cutOff.delete(name),
  };
}

/** As the wire makes it. */
const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

interface Links {
  reach(to: string): Promise<void>;
  request(to: string): Request;
}

interface Parts {
  readonly queue: Queue;
  readonly outbox: Outbox;
  readonly membership: Membership;
  readonly workflows: Workflows;
  readonly methods: ReadonlyMap<string, QueueMethod>;
  readonly closed: AbortController;
}

class OpenOwner implements Owner {
  readonly name: string;
  readonly store = createMemoryQueueStore();
  readonly #replicas = createMemoryStore();
  readonly calls: string[] = [];
  readonly #tools: Readonly<Record<string, OwnerTool>>;
  readonly #links: Links;
  #parts: Parts | undefined;
  #rest = new AbortController();
  #claiming: Promise<readonly Task[]> = Promise.resolve([]);

  constructor(name: string, tools: Readonly<Record<string, OwnerTool>>, links: Links) {
    this.name = name;
    this.#tools = tools;
    this.#links = links;
  }

  get workflows(): Workflows {
    if (!this.#parts) throw new Error(`${this.name} is not open`);
    return this.#parts.workflows;
  }

  get queue(): Queue {
    if (!this.#parts) throw new Error(`${this.name} is not open`);
    return this.#parts.queue;
  }

  async open(): Promise<Parts> {
    const { store, name } = this;
    const flows = createFlows(store);
    const trouble = (): void => undefined;
    const queue = await Queue.open({
      ...{ name: "default", store, clock: systemClock, random: Math.random, flows, trouble },
      limits: () => ({ leaseMs: 2_000, maxBacklog: 1_000_000 }),
    });
    const given = new GivenTasks({
      ...{ store, clock: systemClock, owner: () => name, defaults: () => DEFAULTS },
      queue: async () => queue,
      newId: () => newTaskId(systemClock.now()),
      checkTool: async () => undefined,
    });
    const peerQueue = (peer: string): PeerQueue =>
      createPeerQueue("default", {
        reach: () => this.#links.reach(peer),
        request: this.#links.request(peer),
      });
    const outbox = new Outbox({
      ...{ queue, clock: systemClock, random: Math.random, self: () => name, trouble },
      peerQueue,
    });
    const book = new ReplicaBook(this.#replicas);
    const self = (): string => name;
    const membership = await Membership.open({
      ...{ queue, store, flows, book, self, trouble, clock: systemClock, random: Math.random },
      requestTo: (peer) => this.#links.request(peer),
      checkTool: async () => undefined,
      grantOf: (peer) => storeCaller({ ...localCaller, id: `peer:${peer}` }),
    });
    const workflows = shareWorkflows({
      ...{ book, self, plans: flows.plans, clock: systemClock },
      queueTask: (_, id) => queue.task(id),
      membership: async () => membership,
      idOf: async (peer) => peer,
      local: createWorkflowService({
        ...{ flows, clock: systemClock, isShared: false, defaults: () => DEFAULTS },
        queue: async () => queue,
        newId: () => newTaskId(systemClock.now()),
        maxBacklog: () => 1_000_000,
        membersOf: async (peers) => [name, ...peers],
        inputSchema: async () => undefined,
        ...{ store, owner: self, peerQueue },
        idOf: async (peer) => {
          await this.#links.reach(peer);
          return peer;
        },
      }),
    });
    const methods = new Map([
      ...givenMethods(async () => given),
      ...memberMethods(async () => membership.member),
    ]);
    const closed = new AbortController();
    const parts = { queue, outbox, membership, workflows, methods, closed };
    this.#parts = parts;
    await outbox.start();
    void this.#work(queue, closed.signal);
    return parts;
  }

  async answer(
    from: string,
    method: string,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Params> {
    const caller = {
      id: `peer:${from}`,
      grant: { categories: "*", access: "destructive", abilities: new Set<string>() },
    } as const;
    const parts = this.#parts;
    if (!parts) throw new UnavailableError("peer_unreachable", `${this.name} is not there`);
    const { methods, closed } = parts;
    // Whoever asks one that dies hears that the connection is gone.
    const gone = new Promise<never>((_, reject) => {
      const error = new UnavailableError("peer_unreachable", `${this.name} went away`);
      closed.signal.addEventListener("abort", () => reject(error), { once: true });
    });
    const answer = methods.get(method)?.(params, { caller, signal });
    return (await Promise.race([answer, gone])) ?? {};
  }

  async submit(
    workflow: object,
    { input = null, peers }: { readonly input?: unknown; readonly peers?: readonly string[] } = {},
  ): Promise<string> {
    const request = { workflow: { ...workflow }, input, peers };
    const submitted = await this.workflows.submit(MINE, request);
    return submitted.workflow.workflowId;
  }

  async ended(id: string): Promise<Task> {
    const task = await this.queue.settled(id, 20_000);
    if (!task) throw new Error(`there is no run ${id}`);
    return task;
  }

  async crash(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    parts?.closed.abort();
    parts?.outbox.close();
    parts?.membership.close();
    await parts?.queue.close();
  }

  async sleep(): Promise<void> {
    this.#rest.abort();
    await this.#claiming.catch(() => undefined);
  }
  wake(): void {
    this.#rest = new AbortController();
  }

  async #work(queue: Queue, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ask = { worker: `${this.name}'s`, max: 4, can: () => true, waitMs: 1_000 };
      this.#claiming = queue.claim(ask, AbortSignal.any([signal, this.#rest.signal]));
      const claimed = await this.#claiming.catch(() => []);
      await Promise.all(claimed.map((task) => this.#do(queue, task)));
      if (this.#rest.signal.aborted) await systemClock.sleep(5);
    }
  }

  async #do(queue: Queue, { spec, token }: Task): Promise<void> {
    const { id, tool = "", input } = spec;
    this.calls.push(`${tool}(${JSON.stringify(input)})`);
    try {
      const value = await this.#tools[tool]?.(input as never, this.name);
      await queue.complete(id, token, resultOf({ content: [], structuredContent: value }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failure = { error: { code: "tool_failed", message }, isRetryable: false };
      await queue.fail(id, token, failure).catch(() => undefined);
    }
  }
}
