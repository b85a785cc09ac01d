/** The queues of this process over an open store: each is opened by the first who names it. @module */

import { InputError } from "../errors.ts";
import { GivenTasks } from "../queue/given-tasks.ts";
import { createLocalSource } from "../queue/local-source.ts";
import { Queue } from "../queue/queue.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { TaskDefaults } from "../queue/requests.ts";
import { createTaskService } from "../queue/service.ts";
import { newTaskId } from "../queue/task-id.ts";
import type { TaskSource } from "../queue/task-source.ts";
import type { Caller } from "../registry/caller.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";
import { type AttachedFlows, createFlows } from "../workflow/flows.ts";
import type { Member } from "../workflow/replicas/member.ts";
import { shareWorkflows } from "../workflow/replicas/shared-workflows.ts";
import { createWorkflowService } from "../workflow/service.ts";
import type { Foundation } from "./foundation.ts";
import type { LocalWorkers, WorkerParts } from "./local-workers.ts";
import { QueueLinks } from "./queue-links.ts";
import type { QueueSurroundings } from "./queue-slot.ts";

/** What open queues need. */
export interface OpenQueuesNeeds {
  readonly foundation: Foundation;
  readonly store: QueueStore;
  readonly workers: LocalWorkers;
  readonly lookup: () => WorkerParts["lookup"] | undefined;
  readonly peers: Pick<QueueSurroundings, "owner" | "forward" | "request" | "idOf">;
}

/** Names of queues. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Retries of a task that says nothing of them. */
const BACKOFF = { initialMs: 1_000, factor: 2, maxMs: 300_000, jitter: 0.5 } as const;

/** Queues by name. */
export class OpenQueues {
  readonly #needs: OpenQueuesNeeds;
  readonly #queues = new Map<string, Promise<Queue>>();
  readonly #flows: AttachedFlows;
  readonly #links: QueueLinks;
  readonly tasks: Tasks;
  readonly given: GivenTasks;
  readonly workflows: Workflows;

  private constructor(needs: OpenQueuesNeeds) {
    this.#needs = needs;
    this.#flows = createFlows(needs.store);
    const kept = this.#keptNeeds();
    const { forward } = needs.peers;
    this.tasks = createTaskService({ ...kept, forward, workers: needs.workers });
    this.given = new GivenTasks(kept);
    const { foundation, store, peers } = needs;
    const { checkTool } = kept;
    this.#links = new QueueLinks({ foundation, store, peers, checkTool, flows: this.#flows });
    this.workflows = this.#workflowService();
  }

  /** Open those that the store has: what is due in them happens although nobody asks. */
  static async open(needs: OpenQueuesNeeds): Promise<OpenQueues> {
    const queues = new OpenQueues(needs);
    const names = new Set([...(await needs.store.queues()), "default"]);
    await Promise.all([...names].map((name) => queues.#queue(name)));
    return queues;
  }

  /** The workers' side of a queue. */
  async source(name: string): Promise<TaskSource> {
    const leaseMs = (): number => this.#needs.foundation.config().queue.leaseMs;
    return createLocalSource(await this.#queue(name), leaseMs);
  }

  async close(): Promise<void> {
    this.#links.close();
    const opened = await Promise.allSettled(this.#queues.values());
    for (const queue of opened) if (queue.status === "fulfilled") await queue.value.close();
    await this.#needs.store.close();
  }

  /** What whoever keeps tasks here needs. */
  #keptNeeds() {
    const { foundation, store, lookup, peers } = this.#needs;
    const { clock } = foundation;
    return {
      ...{ store, clock, owner: peers.owner },
      queue: (name: string) => this.#queue(name),
      newId: () => newTaskId(clock.now()),
      defaults: () => this.#defaults(),
      checkTool: async (tool: string, caller: Caller) => {
        await lookup()?.resolve(tool, caller);
      },
    };
  }

  /** What this server knows of runs that others coordinate. */
  async member(name: string): Promise<Member> {
    await this.#queue(name);
    const membership = this.#links.membership(name);
    if (membership) return membership.member;
    const message = `The queue "${name}" is in a database that servers share (queue.url): it takes no part in runs of others`;
    throw new InputError("invalid_input", message, { data: { queue: name } });
  }

  #workflowService(): Workflows {
    const { foundation, store, lookup, peers } = this.#needs;
    const { clock, config } = foundation;
    const links = this.#links;
    const local = createWorkflowService({
      ...{ clock, store, flows: this.#flows, isShared: store.isShared },
      ...{ owner: peers.owner, idOf: peers.idOf },
      peerQueue: (peer, queue) => links.peerQueue(peer, queue),
      queue: (name) => this.#queue(name),
      newId: () => newTaskId(clock.now()),
      defaults: () => this.#defaults(),
      maxBacklog: () => config().queue.maxBacklog,
      inputSchema: async (tool, caller) =>
        (await lookup()?.resolve(tool, caller))?.tool.inputSchema,
      membersOf: (named) => links.membersOf(named),
    });
    return shareWorkflows({
      ...{ local, book: links.book, plans: this.#flows.plans, self: peers.owner },
      ...{ clock, idOf: peers.idOf },
      queueTask: async (name, id) => (await this.#queue(name)).task(id),
      membership: async (name) => {
        await this.#queue(name);
        return links.membership(name);
      },
    });
  }

  /** Attempts and times of a task that says nothing of them. */
  #defaults(): TaskDefaults {
    const { timeoutMs, maxAttempts, maxStalls, resultTtlMs } =
      this.#needs.foundation.config().queue;
    return { timeoutMs, maxAttempts, maxStalls, resultTtlMs, backoff: BACKOFF };
  }

  #queue(name: string): Promise<Queue> {
    const known = this.#queues.get(name);
    if (known) return known;
    if (!NAME.test(name)) {
      const message = `"${name}" is no name of a queue: use 1 to 64 of a-z, 0-9, ".", "_" and "-"`;
      return Promise.reject(new InputError("invalid_input", message, { data: { queue: name } }));
    }
    const opening = this.#open(name);
    this.#queues.set(name, opening);
    opening.catch(() => this.#queues.delete(name));
    return opening;
  }

  async #open(name: string): Promise<Queue> {
    const { foundation, store, workers } = this.#needs;
    const { clock, config, log } = foundation;
    const queue = await Queue.open({
      ...{ name, store, clock, random: Math.random, flows: this.#flows },
      limits: () => config().queue,
      trouble: (what, error) => log.warning(what, { error }),
    });
    workers.employ(queue);
    await this.#links.connect(queue);
    return queue;
  }
}
