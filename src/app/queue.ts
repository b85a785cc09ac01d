/**
 * The queues' place in an app: opened when a server starts, or when something first asks for them.
 *
 * One process holds a data folder's queues. A second one of the same user asks that one, and takes
 * them over when it is gone.
 *
 * @module
 */

import type { AppWorker, QueueReport, WorkOptions } from "../app-queues.ts";
import type { AppOptions } from "../app-types.ts";
import { joinPath, QUEUE_FILE } from "../config/paths.ts";
import { ConflictError, InputError, messageOf, UnavailableError } from "../errors.ts";
import type { Extension } from "../mcp/engine.ts";
import type { Home } from "../mesh/home.ts";
import type { QueueMethod } from "../queue/method.ts";
import { GIVEN_METHODS, QUEUE_EXTENSION, WORKER_METHODS } from "../queue/queue-extension.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { Availability } from "../registry/category.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";
import { MEMBER_METHODS } from "../workflow/replicas/member-calls.ts";
import type { Foundation } from "./foundation.ts";
import { lazyTasks, lazyWorkflows } from "./lazy-tasks.ts";
import type { LocalWorkers, WorkerParts } from "./local-workers.ts";
import type { OpenQueues } from "./open-queues.ts";
import { homeOfOwner, mintToken } from "./queue-owner.ts";
import { type QueueSlot, type QueueSurroundings, reasonForNone } from "./queue-slot.ts";

/** What is there once a queue was needed. */
interface Loaded {
  readonly code: typeof import("./queue-parts.ts");
  readonly workers: LocalWorkers;
  readonly methods: ReadonlyMap<string, QueueMethod>;
}

/** How long a stopping server waits for its tasks before it gives them back. */
const STOP_GRACE_MS = 2_000;

/** How soon queues that could not be opened are tried again. */
const RETRY_MS = 5_000;

/** The place for queues, still empty. */
export function createQueueSlot(
  foundation: Foundation,
  options: AppOptions,
  about: QueueSurroundings,
): QueueSlot {
  return new Slot(foundation, options, about);
}

class Slot implements QueueSlot {
  readonly #foundation: Foundation;
  readonly #options: AppOptions;
  readonly #about: QueueSurroundings;
  readonly tasks: Tasks;
  readonly workflows: Workflows;
  readonly extension: Extension;
  readonly token: string = mintToken();
  #parts: WorkerParts | undefined;
  #loading: Promise<Loaded> | undefined;
  #opening: Promise<OpenQueues> | undefined;
  #home: Home | undefined;
  #retry: (() => void) | undefined;
  #state: QueueReport["state"];
  #reason: string | undefined;

  constructor(foundation: Foundation, options: AppOptions, about: QueueSurroundings) {
    this.#foundation = foundation;
    this.#options = options;
    this.#about = about;
    this.#reason = reasonForNone(options);
    this.#state = this.#reason === undefined ? "idle" : "off";
    const names = [...WORKER_METHODS, ...GIVEN_METHODS, ...MEMBER_METHODS];
    const methods = names.map((name) => [name, this.#method(name)] as const);
    this.extension = { id: QUEUE_EXTENSION, settings: {}, methods: new Map(methods) };
    const open = async (): Promise<Tasks> => (await this.#open()).tasks;
    this.workflows = lazyWorkflows(async () => (await this.#open()).workflows);
    this.tasks = lazyTasks(open, { forward: about.forward, elsewhere: () => this.#elsewhere() });
  }

  report(): QueueReport {
    return {
      state: this.#state,
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }

  availability = (): Availability => {
    const isThere = this.#state !== "off" || this.#about.home !== undefined;
    return isThere ? { available: true } : { available: false, reason: this.#reason ?? "" };
  };

  start(parts: WorkerParts): void {
    this.#parts = parts;
    const isServer = this.#options.origin !== undefined || this.#options.meshRole === "server";
    if (this.#state === "idle" && isServer) this.#takeOver();
  }

  /** Open the queues; while another process has them, work there and try again. */
  #takeOver(assistant?: AppWorker): void {
    const { log, clock } = this.#foundation;
    this.#open().then(
      () => void assistant?.drain(STOP_GRACE_MS),
      async (error: unknown) => {
        if (this.#state === "off") return;
        if (!assistant) log.warning(`queue: ${this.#reason}`, { error });
        const { workers } = await this.#load();
        const working = assistant ?? (this.#home && workers.assist(this.#home));
        this.#retry = clock.after(RETRY_MS, () => this.#takeOver(working));
      },
    );
  }

  /** The code of queues, and the workers of this process. */
  #load(): Promise<Loaded> {
    this.#loading ??= import("./queue-parts.ts").then((code) => {
      const workers = new code.LocalWorkers(this.#foundation, this.#options);
      if (this.#parts) workers.equip(this.#parts);
      const methods = new Map([
        ...code.workerMethods(async (name) => (await this.#open()).source(name)),
        ...code.givenMethods(async () => (await this.#open()).given),
        ...code.memberMethods(async (name) => (await this.#open()).member(name)),
      ]);
      return { code, workers, methods };
    });
    return this.#loading;
  }

  #method(name: string): QueueMethod {
    return async (...request) => {
      const answer = (await this.#load()).methods.get(name);
      if (answer) return answer(...request);
      throw new InputError("not_found", `There is no method ${name}`);
    };
  }

  async workAt(options: WorkOptions): Promise<AppWorker> {
    const { request } = this.#about;
    const { peers, queue = "default", name: worker, slots } = options;
    // A peer that is not there, or lets nobody work, is an error now, and not a worker that never works.
    const hello = { queue, worker, slots, held: [] };
    await Promise.all(peers.map((peer) => request(peer, "queue/heartbeat", hello)));
    const { workers } = await this.#load();
    return workers.workAt(
      options,
      (peer) => (method, params, signal) => request(peer, method, params, signal),
    );
  }

  async stop(): Promise<void> {
    const opening = this.#opening;
    this.#retry?.();
    this.#state = "off";
    this.#reason = "this server is stopping";
    const opened = await opening?.catch(() => undefined);
    await (await this.#loading)?.workers.drain(STOP_GRACE_MS);
    await opened?.close();
  }

  async #elsewhere(): ReturnType<Tasks["elsewhere"]> {
    if (this.#about.home) return this.#callAt(this.#about.home);
    // The owner of the data folder may have gone: who can open the queues has them.
    await this.#open().catch((error: unknown) => {
      if (!this.#home) throw error;
    });
    return this.#home && this.#callAt(this.#home);
  }

  #callAt({ call }: Home): Awaited<ReturnType<Tasks["elsewhere"]>> {
    return (tool, input, context) => call(tool, input, context);
  }

  #open(): Promise<OpenQueues> {
    if (this.#state === "off") {
      const message = `There are no tasks here: ${this.#reason}`;
      return Promise.reject(new UnavailableError("runtime_unavailable", message));
    }
    this.#opening ??= this.#openNow().catch((error: unknown) => {
      // Whoever asks next tries again: the reason may be gone.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openNow(): Promise<OpenQueues> {
    this.#state = "opening";
    try {
      const { code, workers } = await this.#load();
      const store = await this.#openStore(code.createMemoryQueueStore);
      const opened = await code.OpenQueues.open({
        ...{ foundation: this.#foundation, store, workers },
        lookup: () => this.#parts?.lookup,
        peers: this.#about,
      });
      const { origin } = this.#options;
      if (origin !== undefined) store.announce?.({ address: origin, token: this.token });
      this.#settle("open", undefined);
      return opened;
    } catch (error) {
      const home = await this.#homeAfter(error);
      this.#settle(home ? "elsewhere" : "failed", messageOf(error), home);
      throw error;
    }
  }

  #settle(state: QueueReport["state"], reason: string | undefined, home?: Home): void {
    this.#home = home;
    if (this.#state === "off") return;
    this.#state = state;
    this.#reason = reason;
  }

  /** Where the process can be asked that has the queues of this data folder. */
  async #homeAfter(error: unknown): Promise<Home | undefined> {
    const { files } = this.#foundation.host;
    if (!(error instanceof ConflictError) || error.code !== "data_locked" || !files) return;
    return homeOfOwner(files, this.#path);
  }

  get #path(): string {
    return joinPath(this.#foundation.config().dataDir, QUEUE_FILE);
  }

  async #openStore(createMemoryStore: () => QueueStore): Promise<QueueStore> {
    const { host, config } = this.#foundation;
    const { url } = config().queue;
    if (url !== undefined && !host.openQueueStore) {
      const message = `The host "${host.name}" has no way to the database of queue.url: leave it out, or use a server`;
      throw new UnavailableError("runtime_unavailable", message);
    }
    // Who has no store for anything has none for tasks: nothing is written to a disk.
    const isDurable = host.openQueueStore && (url !== undefined || host.openStore);
    return isDurable && host.openQueueStore
      ? host.openQueueStore(url ?? this.#path)
      : createMemoryStore();
  }
}
