/**
 * The workflows of a server, as tools and people see them: {@link Workflows} over its queues.
 *
 * Who may see a run is who may see its task: its submitter, and whoever has the ability `admin`.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { InputError } from "../errors.ts";
import { seesAll } from "../queue/access.ts";
import { beforeOf } from "../queue/moments.ts";
import type { Queue } from "../queue/queue.ts";
import type { TaskDefaults } from "../queue/requests.ts";
import type { Task } from "../queue/task.ts";
import type { Caller } from "../registry/caller.ts";
import type { TaskScope } from "../registry/tasks.ts";
import type { RunAction, WorkflowInfo, Workflows } from "../registry/workflows.ts";
import { checkCalls, type InputSchema } from "./check-calls.ts";
import { cancelRun, known, pause, resume, submitRun, tell } from "./commands.ts";
import { findRun } from "./find-run.ts";
import { type NewRun, newRunTask } from "./new-run.ts";
import { behind, type Plan } from "./plan.ts";
import type { StoredDefinition } from "./plans.ts";
import { createRunRecord, type RunRecordNeeds } from "./record/run-record.ts";
import { RUN_KIND, runStateOf } from "./run-state.ts";
import { type RunInput, taskIdOf } from "./values.ts";
import { dagOf, infoOf, outcomeOf } from "./views.ts";

/** What the service needs. */
export interface WorkflowServiceNeeds extends RunRecordNeeds {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly defaults: () => TaskDefaults;
  readonly maxBacklog: () => number;
  /** Whether several servers have the queues. */
  readonly isShared: boolean;
  /** Ids of this server and of peers that are named; throws where one cannot be reached. */
  readonly membersOf: (peers: readonly string[]) => Promise<readonly string[]>;
  /** The tool's schema; throws where the caller may not use a tool, or there is none of this name. */
  readonly inputSchema: (tool: string, caller: Caller) => Promise<InputSchema | undefined>;
}

/** What is done with a run where it is coordinated. */
type Steering = Exclude<RunAction, { readonly action: "handoff" | "takeover" }>;

/** The workflows that this server coordinates. */
export interface LocalWorkflows extends Omit<Workflows, "coordinatorOf" | "coordinate" | "draw"> {
  coordinate(scope: TaskScope, workflowId: string, action: Steering): Promise<WorkflowInfo>;
}

/** Workflows over queues. */
export function createWorkflowService(needs: WorkflowServiceNeeds): LocalWorkflows {
  return new WorkflowService(needs);
}

class WorkflowService implements LocalWorkflows {
  readonly #needs: WorkflowServiceNeeds;
  readonly events: Workflows["events"];
  readonly proof: Workflows["proof"];

  constructor(needs: WorkflowServiceNeeds) {
    this.#needs = needs;
    ({ events: this.events, proof: this.proof } = createRunRecord(needs));
  }

  submit: Workflows["submit"] = async (scope, request) => {
    const { workflow, input = null, idempotencyKey, labels = {}, peers } = request;
    const definition = this.#needs.flows.plans.add(workflow);
    const { inputSchema, isShared, membersOf, owner } = this.#needs;
    await checkCalls(definition.plan.definition, {
      ...{ isShared, peers },
      inputSchema: (tool) => inputSchema(tool, scope.caller),
    });
    const { task, isDuplicate } = await this.#begin(scope, definition, {
      ...{ input, labels },
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      // Asking for peers waits for the mesh, and by then this server knows its own id.
      ...(peers && { members: await membersOf(peers) }),
      coordinator: owner(),
    });
    const begun = definition.plan.nodes.values().filter(({ before }) => before.length === 0);
    return {
      workflow: infoOf(task, definition.plan),
      isDuplicate,
      ready: [...begun].map(({ node }) => node.id),
    };
  };

  status: Workflows["status"] = async (scope, id, waitMs, signal) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    await queue.settled(id, waitMs, signal);
    return this.#info(await this.#find(queue, scope, id));
  };

  dag: Workflows["dag"] = async (scope, id) => {
    const queue = await this.#needs.queue(scope.queue);
    const plan = await this.#planOf(await this.#find(queue, scope, id));
    return queue.run((set) => dagOf(set, known(set, id), plan), this.#hints(id, plan));
  };

  outcome: Workflows["outcome"] = async (scope, id, waitMs, signal) => {
    const queue = await this.#needs.queue(scope.queue);
    const plan = await this.#planOf(await this.#find(queue, scope, id));
    await queue.settled(id, waitMs, signal);
    const now = this.#needs.clock.now();
    return queue.run((set) => outcomeOf(set, known(set, id), plan, now), this.#hints(id, plan));
  };

  list: Workflows["list"] = async ({ caller, queue: name }, { state, label, limit, cursor }) => {
    const queue = await this.#needs.queue(name);
    const states = state === undefined ? undefined : ([TASK_STATES[state] ?? "scheduled"] as const);
    const before = cursor === undefined ? undefined : beforeOf(cursor);
    const tasks = await queue.list({
      ...{ kind: RUN_KIND, limit: limit + 1 },
      ...(states && { states }),
      ...(label !== undefined && { label }),
      ...(before !== undefined && { before }),
      ...(!seesAll(caller) && { caller: caller.id }),
    });
    const page = tasks.slice(0, limit);
    const infos = await Promise.all(page.map((task) => this.#info(task)));
    const last = page.at(-1);
    return {
      workflows: infos.filter((info) => state === undefined || info.state === state),
      ...(tasks.length > limit && last && { nextCursor: String(last.seq) }),
    };
  };

  cancel: Workflows["cancel"] = async (scope, id, { reason = "cancelled", compensate }) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    const how = { reason, compensates: compensate };
    const { task, stopped } = await queue.run((set) => cancelRun(set, id, how));
    return { workflow: await this.#info(task), cancelledNodes: stopped };
  };

  coordinate: LocalWorkflows["coordinate"] = async (scope, id, action) => {
    const queue = await this.#needs.queue(scope.queue);
    await this.#find(queue, scope, id);
    const by = scope.caller.id;
    const task = await queue.run((set) => {
      switch (action.action) {
        case "pause":
          return pause(set, id);
        case "resume":
          return resume(set, id);
        case "signal": {
          const payload = action.payload ?? null;
          return tell(set, id, { node: action.node, payload, isApproval: false });
        }
        case "approve": {
          const { node, isApproved: approved, note } = action;
          const payload = { approved, by, ...(note !== undefined && { note }) };
          return tell(set, id, { node, payload, isApproval: true });
        }
      }
    });
    return this.#info(task);
  };

  reschedule: Workflows["reschedule"] = async (scope, id, from) => {
    const queue = await this.#needs.queue(scope.queue);
    const before = await this.#find(queue, scope, id);
    const plan = await this.#planOf(before);
    const except = anew(plan, from);
    const stored = await this.#stored(before);
    const { input, coordinator, members } = before.spec.input as RunInput;
    const { task } = await this.#begin(scope, stored, {
      ...{ input, coordinator, labels: before.labels, reuse: { run: id, except } },
      ...(members && { members }),
    });
    const dag = await queue.run(
      (set) => dagOf(set, known(set, task.spec.id), plan),
      this.#hints(task.spec.id, plan),
    );
    const reused = dag.nodes.filter((node) => node.reused).map((node) => node.id);
    return { workflow: dag.workflow, reused };
  };

  async #begin(
    { caller, queue: name }: TaskScope,
    definition: StoredDefinition,
    about: Omit<NewRun, "definition">,
  ): Promise<{ readonly task: Task; readonly isDuplicate: boolean }> {
    const { clock, newId, defaults, maxBacklog } = this.#needs;
    const queue = await this.#needs.queue(name);
    const surroundings = { id: newId(), queue: name, caller, now: clock.now() };
    const task = newRunTask(
      { ...about, definition: definition.cid },
      { ...surroundings, defaults: defaults() },
    );
    const { reuse, members } = about;
    return queue.run((set) =>
      submitRun(set, {
        ...{ task, definition, maxBacklog: maxBacklog() },
        ...(reuse && { reuse }),
        ...(members && { coordination: { epoch: 1, members } }),
      }),
    );
  }

  async #info(task: Task): Promise<WorkflowInfo> {
    return infoOf(task, await this.#planOf(task));
  }

  async #planOf(task: Task): Promise<Plan> {
    const { definition } = runStateOf(task);
    const plan = await this.#needs.flows.fetch((plans) => plans.get(definition));
    if (plan) return plan;
    throw new InputError(
      "not_found",
      `The definition ${definition} of workflow ${task.spec.id} is gone`,
    );
  }

  async #stored(task: Task): Promise<StoredDefinition> {
    const { definition } = runStateOf(task);
    const stored = await this.#needs.flows.fetch((plans) =>
      definition.includes("/") ? undefined : plans.stored(definition),
    );
    if (stored) return stored;
    const message = `Workflow ${task.spec.id} is part of another one: submit that one again`;
    throw new InputError("invalid_input", message, { data: { workflowId: task.spec.id } });
  }

  #find(queue: Queue, { caller }: TaskScope, id: string): Promise<Task> {
    return findRun(queue, caller, id);
  }

  #hints(run: string, plan: Plan): { readonly ids: readonly string[] } {
    const nodes = [...plan.nodes.keys()].map((node) => taskIdOf({ run, node, role: "node" }));
    return { ids: [run, ...nodes] };
  }
}

/** What runs again in any case: a node and all after it, or nothing but what did not end well. */
function anew(plan: Plan, from = "failed"): readonly string[] {
  return from === "failed" && !plan.nodes.has(from) ? [] : behind(plan, from);
}

/** Task states of runs that are over. */
const TASK_STATES: Readonly<Partial<Record<string, "done" | "failed" | "cancelled">>> = {
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};
