/**
 * Workflows of which other servers have some, too: what is not coordinated here is told as it was last
 * told by its coordinator, and runs go from one server to another.
 *
 * @module
 */

import type { Clock } from "../../concurrency/clock.ts";
import { InputError, UnavailableError } from "../../errors.ts";
import type { Task } from "../../queue/task.ts";
import type { Caller } from "../../registry/caller.ts";
import type { TaskScope } from "../../registry/tasks.ts";
import type { RunStateName, WorkflowInfo, Workflows } from "../../registry/workflows.ts";
import { drawDag } from "../drawing.ts";
import type { Plan } from "../plan.ts";
import type { Plans } from "../plans.ts";
import { RUN_KIND, runStateOf } from "../run-state.ts";
import type { LocalWorkflows } from "../service.ts";
import { dagOf, outcomeOf } from "../views.ts";
import { yieldedOf } from "./commands.ts";
import { confirmedInTime } from "./confirmation.ts";
import { unknownRun } from "./errors.ts";
import type { Membership } from "./membership.ts";
import { originOf, seesOrigin } from "./origin.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaBook } from "./replica-book.ts";

/** What sharing needs beside the workflows of this server. */
export interface SharedWorkflowsNeeds {
  readonly local: LocalWorkflows;
  readonly book: ReplicaBook;
  readonly plans: Plans;
  readonly self: () => string;
  readonly clock: Clock;
  readonly queueTask: (queue: string, id: string) => Promise<Task | undefined>;
  /** `undefined` where servers share the queue itself. */
  readonly membership: (queue: string) => Promise<Membership | undefined>;
  /** The id of a peer by its id, name or address. */
  readonly idOf: (peer: string) => Promise<string>;
}

/** Workflows of this server, and what it knows of those of others. */
export function shareWorkflows(needs: SharedWorkflowsNeeds): Workflows {
  return new SharedWorkflows(needs);
}

/** Nothing more comes of a run in one of these. */
const END_STATES: ReadonlySet<RunStateName> = new Set(["done", "failed", "cancelled"]);

/** A replica that a caller may see. */
interface Seen {
  readonly replica: Replica;
  readonly root: Task;
  readonly plan: Plan;
  readonly find: { task(id: string): Task | undefined };
}

class SharedWorkflows implements Workflows {
  readonly #needs: SharedWorkflowsNeeds;

  constructor(needs: SharedWorkflowsNeeds) {
    this.#needs = needs;
  }

  list: Workflows["list"] = (...args) => this.#needs.local.list(...args);

  submit: Workflows["submit"] = (scope, request) =>
    this.#inTime("The new workflow", this.#needs.local.submit(scope, request));

  cancel: Workflows["cancel"] = (scope, id, ...how) =>
    this.#answered(scope, id, "end", this.#needs.local.cancel(scope, id, ...how));

  reschedule: Workflows["reschedule"] = (scope, id, ...how) =>
    this.#answered(scope, id, "repetition", this.#needs.local.reschedule(scope, id, ...how));

  coordinatorOf: Workflows["coordinatorOf"] = async (scope, id) => {
    const { book, self } = this.#needs;
    if (await this.#isOwn(scope, id)) return undefined;
    const head = await book.head(id);
    if (!head || !(await this.#maySee(scope.caller, id))) return undefined;
    const { epoch, coordinator, promised } = head;
    const who = promised.epoch > epoch ? promised.to : coordinator;
    return who === self() ? undefined : who;
  };

  status: Workflows["status"] = async (scope, id, waitMs, signal) => {
    const { local } = this.#needs;
    const seen = await this.#replica(scope, id);
    if (!seen) return this.#confirmed(scope, await local.status(scope, id, waitMs, signal));
    return toldInfo(seen);
  };

  dag: Workflows["dag"] = async (scope, id) => {
    const seen = await this.#replica(scope, id);
    if (seen) {
      const { find, root, plan } = seen;
      return { ...dagOf(find, root, plan), workflow: toldInfo(seen) };
    }
    const dag = await this.#needs.local.dag(scope, id);
    return { ...dag, workflow: await this.#confirmed(scope, dag.workflow) };
  };

  events: Workflows["events"] = async (scope, id) => {
    const seen = await this.#replica(scope, id);
    if (seen) throw logElsewhere(seen.replica);
    return this.#needs.local.events(scope, id);
  };

  proof: Workflows["proof"] = async (scope, id, signal) => {
    const seen = await this.#replica(scope, id);
    if (seen) throw logElsewhere(seen.replica);
    return this.#needs.local.proof(scope, id, signal);
  };

  draw: Workflows["draw"] = async (scope, id, format) => drawDag(await this.dag(scope, id), format);

  outcome: Workflows["outcome"] = async (scope, id, waitMs, signal) => {
    const { local, clock } = this.#needs;
    const seen = await this.#replica(scope, id);
    if (!seen) {
      const outcome = await local.outcome(scope, id, waitMs, signal);
      const isOver = END_STATES.has(outcome.state);
      return isOver ? this.#answered(scope, id, "outcome", Promise.resolve(outcome)) : outcome;
    }
    const { find, root, plan, replica } = seen;
    return { ...outcomeOf(find, root, plan, clock.now()), asOf: iso(replica.at) };
  };

  coordinate: Workflows["coordinate"] = async (scope, id, action) => {
    const { local, idOf } = this.#needs;
    if (action.action === "handoff") {
      // Who may not see it hears the same as of one that is not there.
      await local.status(scope, id, 0, new AbortController().signal);
      const member = await this.#member(scope, id);
      const to = await idOf(action.to);
      return this.#after(scope, id, { coordinator: to, epoch: await member.handOver(id, to) });
    }
    if (action.action === "takeover") {
      if (await this.#isOwn(scope, id)) throw ownAlready(id);
      if (!(await this.#maySee(scope.caller, id))) throw unknownRun(id);
      const member = await this.#member(scope, id);
      const epoch = await member.takeOver(id);
      return this.#after(scope, id, { coordinator: this.#needs.self(), epoch });
    }
    return this.#answered(scope, id, action.action, local.coordinate(scope, id, action));
  };

  /**
   * What came of something, once a majority has what that goes by. "It was told before" is an answer, too,
   * and the earlier word may be known here alone.
   */
  #answered<T>({ queue }: TaskScope, id: string, what: string, work: Promise<T>): Promise<T> {
    const answer = async (): Promise<T> => {
      try {
        return await work;
      } finally {
        await (await this.#needs.membership(queue))?.replicator.confirmed(id);
      }
    };
    return this.#inTime(`The ${what} of workflow ${id}`, answer());
  }

  #inTime<T>(about: string, answer: Promise<T>): Promise<T> {
    return confirmedInTime(this.#needs.clock, about, answer);
  }

  /** How a run is after it went to another server. */
  async #after(
    scope: TaskScope,
    id: string,
    now: { readonly coordinator: string; readonly epoch: number },
  ): Promise<WorkflowInfo> {
    const { workflow } = await this.dag(scope, id);
    const members = workflow.coordination?.members ?? [];
    const { asOf: _, ...info } = workflow;
    return { ...info, coordination: { ...workflow.coordination, members, ...now } };
  }

  async #member(scope: TaskScope, id: string): Promise<Membership["member"]> {
    const membership = await this.#needs.membership(scope.queue);
    if (membership) return membership.member;
    const message = `Workflow ${id} is in a queue that servers share (queue.url): any of them goes on with it, and there is nobody to hand it over to`;
    throw new InputError("invalid_input", message, { data: { workflowId: id } });
  }

  async #isOwn(scope: TaskScope, id: string): Promise<boolean> {
    const task = await this.#needs.queueTask(scope.queue, id);
    return task?.spec.kind === RUN_KIND && !yieldedOf(task);
  }

  async #confirmed(scope: TaskScope, info: WorkflowInfo): Promise<WorkflowInfo> {
    const { coordination, workflowId } = info;
    if (!coordination) return info;
    const membership = await this.#needs.membership(scope.queue);
    if (membership?.replicator.isConfirmed(workflowId) !== false) return info;
    return { ...info, coordination: { ...coordination, isUnconfirmed: true } };
  }

  /** What others told of a run; `undefined` where it is coordinated here, or nothing is known to this caller. */
  async #replica(scope: TaskScope, id: string): Promise<Seen | undefined> {
    if (await this.#isOwn(scope, id)) return undefined;
    const { book, plans } = this.#needs;
    if (!(await this.#maySee(scope.caller, id))) return undefined;
    const replica = await book.replica(id);
    const root = replica?.tasks.find(({ spec }) => spec.id === id);
    if (!replica || !root) return undefined;
    for (const definition of replica.definitions) plans.add(definition);
    const plan = plans.get(runStateOf(root).definition);
    if (!plan) return undefined;
    const byId = new Map(replica.tasks.map((task) => [task.spec.id, task]));
    return { replica, root, plan, find: { task: (one) => byId.get(one) } };
  }

  async #maySee(caller: Caller, id: string): Promise<boolean> {
    const { book, self } = this.#needs;
    const head = await book.head(id);
    const root = await book.root(id);
    const origin = head?.origin ?? (head && root && originOf(root, head.coordinator));
    return origin !== undefined && seesOrigin(caller, origin, self());
  }
}

const iso = (at: number): string => new Date(at).toISOString();

function toldInfo({ find, root, plan, replica }: Seen): WorkflowInfo {
  const { coordinator, epoch, members, at } = replica;
  const { workflow } = dagOf(find, root, plan);
  return { ...workflow, coordination: { coordinator, epoch, members }, asOf: iso(at) };
}

function ownAlready(id: string): InputError {
  const message = `Workflow ${id} is coordinated by this server already`;
  return new InputError("invalid_input", message, { data: { workflowId: id } });
}

/** What a coordinator tells of a run are its tasks, and not its log. */
function logElsewhere({ run, coordinator }: Replica): UnavailableError {
  const message = `The log of workflow ${run} is at ${coordinator}, which cannot be asked now`;
  return new UnavailableError("peer_unreachable", message, {
    data: { workflowId: run, coordinator },
  });
}
