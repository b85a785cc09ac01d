/**
 * What follows when something of a run happens: nodes begin, are skipped, or end the run.
 *
 * It works within the transaction in which it happened, so that a run is never between two nodes.
 * What it decides depends on the log alone; a plan that is not in memory is asked for before.
 *
 * @module
 */

import type { Follower } from "../queue/follower.ts";
import { isFinal, type Task } from "../queue/task.ts";
import type { WorkingSet } from "../queue/working-set.ts";
import { beginNode, nodeEnded, nodeTask, type Steps } from "./advancing.ts";
import type { Work } from "./definition.ts";
import { cancelNode, comeToRest, forget, stopNodes } from "./ending.ts";
import type { Plan } from "./plan.ts";
import type { Plans } from "./plans.ts";
import { repeated } from "./repeating.ts";
import { newRunState, RUN_KIND, RunDrafts, type RunState, runStateOf } from "./run-state.ts";
import { addControl, complete, fail } from "./tasks.ts";
import { type FlowPlace, placeOf, type RunInput, taskIdOf } from "./values.ts";

/** One transaction on runs. */
export class Flow implements Follower {
  readonly #set: WorkingSet;
  readonly #plans: Plans;
  readonly #drafts: RunDrafts;
  /** Tasks that ended, and what follows of it is still to be done. */
  readonly #ended: Task[] = [];
  readonly #touched = new Set<string>();
  readonly #steps: Steps;
  #isGoing = false;
  #isQuiet = false;

  constructor(set: WorkingSet, plans: Plans) {
    this.#set = set;
    this.#plans = plans;
    this.#drafts = new RunDrafts(set);
    this.#steps = {
      set,
      beginRun: (run, state, place, work, input) =>
        this.#beginWithin(run, state, place, work, input),
    };
  }

  settled(task: Task): void {
    if (this.#isQuiet) return;
    this.#do(() => void this.#ended.push(task));
  }

  due(task: Task): void {
    const { signal, approval } = task.spec.input as {
      readonly signal?: string;
      readonly approval?: string;
    };
    const waited = signal ?? approval;
    if (waited === undefined) return void complete(this.#set, task, null);
    const message = `Nobody said "${waited}" in time`;
    fail(this.#set, task, { code: "deadline_exceeded", message });
  }

  removed(run: Task): void {
    // A map knows something of itself, too, and goes with its run.
    if (run.spec.kind !== RUN_KIND) return;
    const plan = this.#plans.get(runStateOf(run).definition);
    if (plan) forget(this.#set, run, plan);
  }

  /** End tasks without anything that would follow from it. */
  quietly(end: () => void): void {
    this.#isQuiet = true;
    try {
      end();
    } finally {
      this.#isQuiet = false;
    }
  }

  /** Let the first nodes of a run begin. */
  beginRun(task: Task, plan: Plan, about: Parameters<typeof newRunState>[0]): void {
    const { id } = task.spec;
    this.#set.record(task, { type: "advanced", flow: newRunState(about, plan.nodes.size) });
    this.change(id, (state) => {
      for (const planned of plan.nodes.values()) {
        if (planned.before.length === 0) beginNode(this.#steps, { id, state, plan, planned });
      }
    });
  }

  /** Change a run that is not over, and do what follows; false where there is none. */
  change(id: string, change: (state: RunState, plan: Plan) => void): boolean {
    const state = this.#drafts.get(id);
    const plan = state && this.#plans.get(state.definition);
    if (!state || !plan) return false;
    this.#do(() => {
      this.#touched.add(id);
      change(state, plan);
    });
    return true;
  }

  /** Nodes that were held back begin. */
  resume(id: string): void {
    this.change(id, (state, plan) => {
      const { held = [] } = state;
      delete state.held;
      delete state.resumes;
      for (const node of held) {
        const planned = plan.nodes.get(node);
        if (planned) beginNode(this.#steps, { id, state, plan, planned });
      }
    });
  }

  /** Begin nothing more, stop what runs, and undo what is done; answers with the nodes that were stopped. */
  cancel(id: string, reason: string, compensates: boolean): readonly string[] {
    const stopped: string[] = [];
    this.change(id, (state, plan) => {
      if (state.ending) return;
      state.ending = {
        state: "cancelled",
        error: { code: "cancelled", message: reason },
        compensates,
      };
      delete state.held;
      for (const node of plan.nodes.keys()) {
        const task = nodeTask(this.#set, id, node);
        const within = (run: string): void => void this.cancel(run, reason, compensates);
        if (task && cancelNode(this.#set, task, reason, within)) stopped.push(node);
      }
    });
    return stopped;
  }

  /** One after the other, so that a long chain of ends needs no deep stack. */
  #do(action: () => void): void {
    if (this.#isGoing) {
      action();
      return;
    }
    this.#isGoing = true;
    action();
    for (;;) {
      const task = this.#ended.shift();
      if (task) this.#follow(task);
      else {
        const [id] = this.#touched;
        if (id === undefined) break;
        this.#touched.delete(id);
        this.#rest(id);
      }
    }
    this.#isGoing = false;
  }

  /** Store what is known of a run; where nothing of it runs any more, it ends. */
  #rest(id: string): void {
    const state = this.#drafts.get(id);
    const run = this.#set.task(id);
    if (!state || !run || isFinal(run)) return;
    const plan = this.#plans.get(state.definition);
    const isAtRest = state.open === 0 && (state.ending !== undefined || state.undecided === 0);
    // The draft itself is what is stored: what coming to rest changes of it is stored, too.
    const written = this.#drafts.write(id);
    if (plan && isAtRest) comeToRest({ set: this.#set, run: written ?? run, state, plan });
  }

  #follow(task: Task): void {
    // Cancelled as a task, and not as a run: nothing of it is undone, and nothing goes on.
    if (task.spec.kind === RUN_KIND && task.state === "cancelled") {
      const own = this.#plans.get(runStateOf(task).definition);
      if (own) stopNodes(this.#set, task, own);
    }
    const place = placeOf(task.spec);
    const state = place && this.#drafts.get(place.run);
    const plan = state && this.#plans.get(state.definition);
    const planned = plan?.nodes.get(place?.node ?? "");
    if (!place || !state || !plan || !planned) return;
    this.#touched.add(place.run);
    if (place.role === "undo") this.#undone(state, task, place);
    else if (place.role === "item") repeated({ set: this.#set, state, planned, place, item: task });
    else nodeEnded(this.#steps, { id: place.run, state, plan, planned }, task);
  }

  #undone({ ending }: RunState, task: Task, { node }: FlowPlace): void {
    if (!ending) return;
    ending.undoing = undefined;
    if (task.state !== "done") ending.stuck = [...(ending.stuck ?? []), node];
  }

  #beginWithin(
    run: Task,
    { definition: around, depth, reuse }: RunState,
    place: FlowPlace,
    work: Extract<Work, { kind: "sub" }>,
    input: unknown,
  ): boolean {
    const { definition, plan } = this.#plans.within(around, place.node, work);
    if (!plan) return false;
    const { coordinator, members } = run.spec.input as RunInput;
    const given = { input, coordinator, ...(members && { members }) };
    const task = addControl(this.#set, run, place, { kind: RUN_KIND, input: given });
    const stored = definition.includes("/") ? undefined : this.#plans.stored(definition);
    // The run that it was submitted with may be forgotten before this one.
    if (stored) this.#set.keep(task.spec.id, stored.cid, stored.bytes);
    const isKept = reuse && !reuse.except.includes(place.node);
    const twin = isKept && { reuse: { run: taskIdOf({ ...place, run: reuse.run }), except: [] } };
    this.beginRun(task, plan, { definition, depth: depth + 1, ...twin });
    return true;
  }
}
