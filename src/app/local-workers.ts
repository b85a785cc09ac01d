/** The workers of this process: of its own queues, and of those of peers. @module */

import type { AppWorker, WorkOptions } from "../app-queues.ts";
import type { AppOptions } from "../app-types.ts";
import { MeshError } from "../errors.ts";
import type { Home } from "../mesh/home.ts";
import { createLocalSource } from "../queue/local-source.ts";
import type { Queue } from "../queue/queue.ts";
import type { Request } from "../queue/remote-source.ts";
import { Worker } from "../queue/worker.ts";
import type { Drained } from "../queue/worker-types.ts";
import { localCaller } from "../registry/caller.ts";
import type { Registry } from "../registry/registry.ts";
import { VERSION } from "../version.ts";
import type { Foundation } from "./foundation.ts";
import { startRemoteWorker } from "./remote-worker.ts";
import { type QueueWork, taskHandler } from "./task-handler.ts";

/** What the workers work with. */
export interface WorkerParts extends QueueWork {
  readonly registry: Pick<Registry, "categories" | "category">;
}

/** Employs workers, and lets them go. */
export class LocalWorkers {
  readonly #foundation: Foundation;
  readonly #own: NonNullable<AppOptions["taskHandlers"]>;
  readonly #workers = new Map<string, Worker>();
  #parts: WorkerParts | undefined;

  constructor(foundation: Foundation, { taskHandlers = {} }: Pick<AppOptions, "taskHandlers">) {
    this.#foundation = foundation;
    this.#own = taskHandlers;
  }

  /** From now on there is something to work with. */
  equip(parts: WorkerParts): void {
    this.#parts = parts;
  }

  /** Work a queue of this process, as far as `queue.slots` says. */
  employ(queue: Queue): void {
    const { clock, config, host } = this.#foundation;
    const { slots } = config().queue;
    if (slots === 0 || !this.#parts || this.#workers.has(queue.name)) return;
    const kinds = ["tool", ...Object.keys(this.#own)];
    const worker = new Worker({
      facts: { worker: "local", slots, host: host.name, version: VERSION },
      skills: () => ({ kinds, tools: "*", abilities: [] }),
      source: createLocalSource(queue, () => config().queue.leaseMs),
      run: taskHandler(this.#parts, this.#own),
      clock,
      trouble: this.#trouble,
    });
    this.#workers.set(queue.name, worker);
  }

  /** Work the queues of peers. */
  workAt(options: WorkOptions, requestTo: (peer: string) => Request): AppWorker {
    const parts = this.#parts;
    if (!parts) throw new Error("there is nothing to work with yet");
    const { clock, host } = this.#foundation;
    const worker = startRemoteWorker(
      {
        ...{ work: parts, own: this.#own, clock, requestTo, trouble: this.#trouble },
        ownTools: () => ownToolsOf(parts.registry),
        facts: { host: host.name, version: VERSION },
      },
      options,
    );
    this.#workers.set(`${options.peers.join()}/${options.queue ?? "default"}`, worker);
    return worker;
  }

  /** Work the default queue of the process that has this data folder's queues. */
  assist(owner: Home): AppWorker | undefined {
    const { slots } = this.#foundation.config().queue;
    if (slots === 0) return undefined;
    const options = {
      peers: [owner.url],
      name: `beside-${crypto.randomUUID().slice(0, 8)}`,
      slots,
    };
    return this.workAt(
      options,
      () =>
        (...request) =>
          owner.request(...request),
    );
  }

  /** Let everybody finish for `graceMs`, and give back the rest. */
  async drain(graceMs: number): Promise<Drained> {
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    const drained = await Promise.all(workers.map((worker) => worker.drain(graceMs)));
    return {
      finished: drained.reduce((sum, { finished }) => sum + finished, 0),
      released: drained.reduce((sum, { released }) => sum + released, 0),
    };
  }

  #trouble = (what: string, error: unknown): void => {
    if (error instanceof MeshError && error.code === "cancelled") return;
    this.#foundation.log.info(`worker: ${what} failed`, { error });
  };
}

/** Tools by name, with their categories; what comes from peers is theirs to work. */
function ownToolsOf(registry: WorkerParts["registry"]): ReadonlyMap<string, string> {
  const own = registry.categories(localCaller).filter(({ source }) => source !== "peer");
  return new Map(
    own.flatMap(({ name }) =>
      (registry.category(name)?.toolNames ?? []).map((tool) => [tool, name] as const),
    ),
  );
}
