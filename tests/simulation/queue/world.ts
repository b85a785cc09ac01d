/** One run: the owner, workers, clients, the network between them, and what goes wrong. @module */

import type { Task } from "../../../src/queue/task.ts";
import { isFinal } from "../../../src/queue/task.ts";
import type { CallerNeeds } from "./caller.ts";
import type { Chance } from "./chance.ts";
import { Client } from "./client.ts";
import { Disk } from "./disk.ts";
import { History } from "./history.ts";
import type { Message, Party } from "./messages.ts";
import type { Mutation } from "./mutations.ts";
import { Network } from "./network.ts";
import { Owner } from "./owner.ts";
import { FAULTS_MS, type Fault, type Plan } from "./plan.ts";
import { Scheduler } from "./scheduler.ts";
import { Worker } from "./worker.ts";

/** How long the healed world may take until everything is over, in ms. */
const HEALING_MS = 150_000;
/** How often it is asked whether it is. */
const LOOK_MS = 250;

/** Everything that takes part. */
export class World {
  readonly scheduler: Scheduler;
  readonly history: History = new History();
  readonly disk: Disk;
  readonly owner: Owner;
  readonly network: Network;
  readonly workers: readonly Worker[];
  readonly clients: readonly Client[];
  readonly #plan: Plan;
  readonly #parties = new Map<Party, Worker | Client>();
  #isQuiet = false;

  constructor(chance: Chance, plan: Plan, mutation: Mutation) {
    this.#plan = plan;
    const scheduler = new Scheduler(chance);
    this.scheduler = scheduler;
    const traits = { failures: plan.diskFailures, isEager: mutation === "no-fsync" };
    const disk = new Disk(scheduler, chance, traits);
    this.disk = disk;
    this.network = new Network(scheduler, chance, (message) => this.#deliver(message));
    const send = (message: Message): void => this.network.send(message);
    const { maxBacklog } = plan;
    this.owner = new Owner({ scheduler, chance, disk, send, maxBacklog, mutation });
    const needsOf = (party: Party): CallerNeeds => {
      return { party, scheduler, chance, history: this.history, send };
    };
    this.workers = plan.workers.map(
      (worker, at) => new Worker(needsOf(`worker-${at}`), worker, mutation),
    );
    this.clients = Array.from(
      { length: plan.clients },
      (_, at) => new Client(needsOf(`client-${at}`)),
    );
    for (const [at, worker] of this.workers.entries()) this.#parties.set(`worker-${at}`, worker);
    for (const [at, client] of this.clients.entries()) this.#parties.set(`client-${at}`, client);
  }

  /** Faults, then peace; returns whether everything came to its end. */
  async run(): Promise<boolean> {
    this.owner.start();
    for (const worker of this.workers) worker.start();
    for (const errand of this.#plan.errands) this.clients[errand.client]?.run(errand);
    for (const fault of this.#plan.faults) {
      this.scheduler.after(fault.atMs, () => this.#strike(fault));
    }
    await this.scheduler.run(FAULTS_MS, () => false);
    this.#heal();
    const end = FAULTS_MS + HEALING_MS;
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
