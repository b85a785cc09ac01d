/** One run: the owner, workers, clients, the network between them, and what goes wrong. @module */

import type { Task } from "../../../src/queue/task.ts";
import { isFinal } from "../../../src/queue/task.ts";
import type { CallerNeeds } from "./caller.ts";
import type { Chance } from "./chance.ts";
import { Disk, type DiskTraits, type Moment } from "./disk.ts";
import { History } from "./history.ts";
import type { Message, Party } from "./messages.ts";
import { Network } from "./network.ts";
import { Owner, type OwnerNeeds } from "./owner.ts";
import type { Fault, Surroundings } from "./plan.ts";
import { Scheduler } from "./scheduler.ts";
import { type Habits, Worker } from "./worker.ts";

/** How long the healed world may take until everything is over, in ms. */
const HEALING_MS = 150_000;
/** How often it is asked whether it is. */
const LOOK_MS = 250;
/** How long an owner is gone that died at a place in its journal. */
const GONE_MS = 30;

/** Somebody who wants something of the owner. */
export interface Customer {
  /** Everything that it was to do is done. */
  readonly isIdle: boolean;
  receive(message: Message): void;
}

/** What is special about a world. */
export interface Setting<C extends Customer> extends Habits {
  readonly surroundings: Surroundings;
  readonly clients: readonly ((needs: CallerNeeds) => C)[];
  readonly attach?: OwnerNeeds["attach"];
  readonly written?: DiskTraits["written"];
  /** The owner dies there, once. */
  readonly death?: Moment | undefined;
}

/** Everything that takes part. */
export class World<C extends Customer> {
  readonly scheduler: Scheduler;
  readonly history: History = new History();
  readonly disk: Disk;
  readonly owner: Owner;
  readonly network: Network;
  readonly workers: readonly Worker[];
  readonly clients: readonly C[];
  /** Whether the place at which the owner was to die was reached. */
  hasDied = false;
  readonly #setting: Setting<C>;
  readonly #parties = new Map<Party, Worker | C>();
  #isQuiet = false;

  constructor(chance: Chance, setting: Setting<C>) {
    this.#setting = setting;
    const { surroundings, mutation, attach, written } = setting;
    const scheduler = new Scheduler(chance);
    this.scheduler = scheduler;
    const disk = new Disk(scheduler, chance, {
      ...{ failures: surroundings.diskFailures, isEager: mutation === "no-fsync" },
      ...(written && { written }),
      passes: (moment) => this.#pass(moment),
    });
    this.disk = disk;
    this.network = new Network(scheduler, chance, (message) => this.#deliver(message));
    const send = (message: Message): void => this.network.send(message);
    const { maxBacklog } = surroundings;
    this.owner = new Owner({ scheduler, chance, disk, send, maxBacklog, mutation, attach });
    const needsOf = (party: Party): CallerNeeds => {
      return { party, scheduler, chance, history: this.history, send };
    };
    this.workers = surroundings.workers.map(
      (worker, at) => new Worker(needsOf(`worker-${at}`), worker, setting),
    );
    this.clients = setting.clients.map((create, at) => create(needsOf(`client-${at}`)));
    for (const [at, worker] of this.workers.entries()) this.#parties.set(`worker-${at}`, worker);
    for (const [at, client] of this.clients.entries()) this.#parties.set(`client-${at}`, client);
  }

  /** Faults, then peace; returns whether everything came to its end. */
  async run(begin: (clients: readonly C[]) => void): Promise<boolean> {
    const { faults, faultsMs } = this.#setting.surroundings;
    if (faultsMs === 0) this.network.heal();
    this.owner.start();
    for (const worker of this.workers) worker.start();
    begin(this.clients);
    for (const fault of faults) this.scheduler.after(fault.atMs, () => this.#strike(fault));
    if (faultsMs > 0) await this.scheduler.run(faultsMs, () => false);
    this.#heal();
    const end = faultsMs + HEALING_MS;
    const isQuiet = await this.scheduler.run(end, () => this.#isQuiet);
    // What is under way comes to its end, so that one can look.
    await this.scheduler.run(end + HEALING_MS, () => !this.disk.isBusy);
    return isQuiet;
  }

  #deliver(message: Message): void {
    this.scheduler.note(message.rid);
    if ("request" in message) this.owner.receive(message);
    else this.#parties.get(message.party)?.receive(message);
  }

  #pass({ commit, when }: Moment): void {
    const { death } = this.#setting;
    if (this.hasDied || commit !== death?.commit || when !== death.when) return;
    this.hasDied = true;
    this.owner.crash();
    this.scheduler.after(GONE_MS, () => this.owner.revive());
  }

  #strike({ kind, lastsMs, whom }: Fault): void {
    const { owner, network, scheduler } = this;
    const worker = this.workers[whom];
    const party = [...this.#parties.keys()][whom] ?? "";
    const deeds: Readonly<Record<Fault["kind"], readonly [begin: () => void, end?: () => void]>> = {
      "owner-crash": [() => owner.crash(), () => owner.revive()],
      "owner-pause": [() => owner.pause(lastsMs)],
      "worker-crash": [() => worker?.crash(), () => worker?.revive()],
      "worker-pause": [() => worker?.pause(lastsMs)],
      partition: [() => network.cut(party, lastsMs)],
      "wall-jump": [() => owner.jump(whom)],
      drain: [() => owner.queue?.drain(), () => owner.queue?.resume()],
    };
    const [begin, end] = deeds[kind];
    begin();
    if (end) scheduler.after(lastsMs, end);
  }

  #heal(): void {
    this.network.heal();
    this.disk.heal();
    this.owner.revive();
    for (const worker of this.workers) worker.revive();
    this.scheduler.after(0, () => this.owner.queue?.resume());
    this.#look();
  }

  #look(): void {
    this.scheduler.after(LOOK_MS, () => this.#look());
    const isIdle = [...this.clients, ...this.workers].every((party) => party.isIdle);
    if (isIdle && this.network.late === 0)
      this.owner.ask((tasks) => (this.#isQuiet ||= tasks.every(isOver)));
  }
}

/** Series never end: the next of each waits for its first moment. */
function isOver(task: Task): boolean {
  return isFinal(task) || (task.spec.recurrence !== undefined && task.token.attempt === 0);
}
