/** What can be done to a queue, with what the oracle says of it. @module */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Task, Token } from "../../../../src/queue/task.ts";
import type { NewTask } from "../../../../src/queue/working-set.ts";
import { QUEUE } from "../../../simulation/queue/owner.ts";
import { newTask, resultOf } from "../../../support/queues.ts";
import {
  type Asked,
  BACKOFF,
  GROUP_LIMITS,
  isOver,
  type Known,
  MAX_ATTEMPTS,
  MAX_STALLS,
  type Oracle,
} from "./oracle.ts";
import type { Scene } from "./scene.ts";

type Command = fc.AsyncCommand<Oracle, Scene>;

/** A command that does something, and then compares everything. */
function command(text: string, act: (oracle: Oracle, scene: Scene) => Promise<void>): Command {
  return {
    check: () => true,
    async run(oracle, scene) {
      await act(oracle, scene);
      await scene.compare(oracle);
    },
    toString: () => text,
  };
}

/** The answer, or the code of the error that came instead. */
async function answerOf<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code === "string") return code;
    throw error;
  }
}

/** One of the tasks that there are, if there are any. */
function picked(oracle: Oracle, nth: number, among: (task: Known) => boolean = () => true) {
  const tasks = [...oracle.tasks.values()].filter(among);
  return tasks[nth % Math.max(1, tasks.length)];
}

function wantedOf({ id, key, group, ttlMs, priority, delayMs }: Asked, now: number): NewTask {
  const limits = { maxAttempts: MAX_ATTEMPTS, maxStalls: MAX_STALLS, backoff: BACKOFF };
  return newTask(
    {
      ...{ id, queue: QUEUE, input: "the same", resultTtlMs: ttlMs, ...limits },
      ...(key !== undefined && { idempotencyKey: key }),
      ...(group !== undefined && { groupKey: group, groupLimit: GROUP_LIMITS[group] ?? 0 }),
    },
    { priority, at: now, runAt: now + delayMs },
  );
}

let made = 0;

const asked: fc.Arbitrary<Omit<Asked, "id">> = fc.record({
  key: fc.constantFrom(undefined, undefined, undefined, "k1", "k2", "k3"),
  group: fc.constantFrom(undefined, undefined, "g1", "g2"),
  ttlMs: fc.constantFrom(5_000, 3_600_000),
  priority: fc.integer({ min: 0, max: 9 }),
  delayMs: fc.constantFrom(0, 0, 0, 700, 20_000),
});
const nth = fc.nat(30);

/** A new task; where it takes an id that is in use, the one that is there. */
const submits = fc.tuple(asked, fc.boolean(), fc.boolean(), nth).map(([some, a, b, at]) =>
  command(`submit(${JSON.stringify(some)}, ${a && b ? at : "new"})`, async (oracle, { queue }) => {
    made += 1;
    const reused = a && b ? picked(oracle, at) : undefined;
    const id = reused?.id ?? `task-${made}`;
    const wanted = { id, ...some };
    const known = oracle.find(wanted);
    const { task, isDuplicate } = await queue.submit(wantedOf(wanted, oracle.now));
    assertEquals([task.spec.id, isDuplicate], [known?.id ?? id, known !== undefined]);
    if (!known) oracle.add(wanted);
  }),
);

const claims = fc.integer({ min: 1, max: 4 }).map((max) =>
  command(`claim(${max})`, async (oracle, scene) => {
    const expected = Math.min(max, oracle.claimable);
    const claimed = await scene.claim("w", max);
    assertEquals(claimed.length, expected);
    for (const task of claimed) takeOver(oracle, task);
    const urgency = (tasks: Iterable<{ readonly priority: number }>): number[] =>
      [...tasks].map(({ priority }) => priority);
    const alone = claimed.filter(({ spec }) => spec.groupKey === undefined);
    const left = [...oracle.tasks.values()].filter(
      ({ state, group }) => state === "ready" && group === undefined,
    );
    assert(Math.min(...urgency(alone)) >= Math.max(...urgency(left)) || alone.length === 0);
  }),
);

function takeOver(oracle: Oracle, { spec: { id }, token }: Task): void {
  const known = oracle.tasks.get(id);
  assertEquals(known?.state, "ready");
  if (!known) return;
  oracle.claim(known);
  assertEquals(token, known.token);
}

/** What a worker says of an attempt. */
interface Word {
  readonly name: string;
  readonly say: (scene: Scene, id: string, token: Token) => Promise<Task>;
  /** What it makes of a task that is held. */
  readonly accept: (oracle: Oracle, task: Known) => void;
  /** Whether it only says once more what is known. */
  readonly isKnown: (task: Known) => boolean;
}

/** A worker's word, under the current token or the one before; of what runs, or of any task. */
function words({ name, say, accept, isKnown }: Word): fc.Arbitrary<Command> {
  const share = fc.integer({ min: 0, max: 4 });
  return fc.tuple(nth, share, share).map(([at, staleness, aim]) =>
    command(`${name}(${at}, ${staleness}, ${aim})`, async (oracle, scene) => {
      const task = picked(oracle, at, ({ state }) => aim < 2 || state === "leased");
      if (!task) return;
      const { epoch, attempt } = task.token;
      const isStale = staleness === 0;
      const token = isStale ? { epoch, attempt: attempt - 1 } : task.token;
      const isHeld = !isStale && task.state === "leased";
      const isAccepted = isHeld || (!isStale && isKnown(task));
      const said = stateIn(await answerOf(say(scene, task.id, token)));
      if (isHeld) accept(oracle, task);
      assertEquals(said, isAccepted ? task.state : "lease_lost");
    }),
  );
}

/** What became of the task, or the code of an error. */
const stateIn = (answer: Task | string): string =>
  typeof answer === "string" ? answer : answer.state;

const failure = (isRetryable: boolean) => ({
  error: { code: "tool_failed", message: "no" },
  isRetryable,
});

const completes = words({
  name: "complete",
  say: ({ queue }, id, token) => queue.complete(id, token, resultOf(`result of ${id}`)),
  accept(oracle, task) {
    oracle.end(task, "done");
    task.result = `result of ${task.id}`;
  },
  isKnown: ({ state }) => state === "done",
});
const fails = fc.boolean().chain((isRetryable) =>
  words({
    name: `fail ${isRetryable ? "for now" : "for good"}`,
    say: ({ queue }, id, token) => queue.fail(id, token, failure(isRetryable)),
    accept: (oracle, task) => oracle.fail(task, isRetryable),
    isKnown: isOver,
  }),
);
const givesBack = words({
  name: "giveBack",
  say: ({ queue }, id, token) => queue.giveBack(id, token),
  accept: (oracle, task) => oracle.giveBack(task),
  isKnown: () => false,
});

const renews = nth.map((at) =>
  command(`heartbeat(${at})`, async (oracle, { queue }) => {
    const task = picked(oracle, at, ({ state }) => state === "leased");
    if (!task) return;
    const { id, token } = task;
    const beat = await queue.heartbeat({ worker: "w" }, [{ id, token }]);
    assertEquals(beat.extended, [id]);
    assertEquals(beat.cancelRequested, task.cancelAt === Infinity ? [] : [id]);
    task.until = oracle.now + 30_000;
  }),
);

const cancels = fc.tuple(nth, fc.constantFrom(1_000, 40_000)).map(([at, graceMs]) =>
  command(`cancel(${at}, ${graceMs})`, async (oracle, { queue }) => {
    const task = picked(oracle, at);
    if (!task) return;
    oracle.cancel(task, graceMs);
    assertEquals((await queue.cancel(task.id, "enough", graceMs)).state, task.state);
  }),
);

const prioritizes = fc.tuple(nth, fc.integer({ min: 0, max: 99 })).map(([at, priority]) =>
  command(`prioritize(${at}, ${priority})`, async (oracle, { queue }) => {
    const task = picked(oracle, at);
    if (!task) return;
    const isWaiting = task.state === "scheduled" || task.state === "ready";
    const answer = await answerOf(queue.prioritize(task.id, priority));
    assertEquals(typeof answer === "string" ? answer : "", isWaiting ? "" : "invalid_input");
    if (isWaiting) task.priority = priority;
  }),
);

const updates = fc.tuple(nth, fc.constantFrom("a", "b"), fc.string()).map(([at, label, text]) =>
  command(`update(${at}, ${label}, ${JSON.stringify(text)})`, async (oracle, { queue }) => {
    const task = picked(oracle, at);
    if (!task) return;
    await queue.update(task.id, { labels: { [label]: text }, note: text });
    Object.assign(task, { labels: { ...task.labels, [label]: text }, note: text });
  }),
);

const resubmits = fc.tuple(nth, fc.boolean(), fc.boolean()).map(([at, isFresh, isTwice]) =>
  command(`resubmit(${at}, ${isFresh}, ${isTwice})`, async (oracle, { queue }) => {
    const task = picked(oracle, at);
    if (!task) return;
    made += 1;
    const newId = `task-${made}`;
    const again = (): Promise<Task> => queue.resubmit(task.id, { newId, isFresh });
    const isPossible = isOver(task) && task.state !== "done";
    const answer = await answerOf(again());
    assertEquals(typeof answer === "string" ? answer : "", isPossible ? "" : "invalid_input");
    if (!isPossible) return;
    const { group, ttlMs, priority, labels, id: previous } = task;
    const maxAttempts = isFresh ? task.maxAttempts : 1;
    const asked = { id: newId, key: undefined, group, ttlMs, priority, delayMs: 0 };
    oracle.add(asked, { previous, maxAttempts, labels });
    if (isTwice) assertEquals((await again()).spec.id, newId);
  }),
);

const prunes = fc.constant(
  command("prune()", async (oracle, { queue }) => {
    assertEquals(await queue.prune(), oracle.prune());
  }),
);

const advances = fc.constantFrom(1, 999, 1_001, 10_000, 30_001, 61_000).map((ms) =>
  command(`advance(${ms})`, async (oracle, scene) => {
    oracle.advance(ms);
    await scene.advance(ms);
  }),
);

const restarts = fc.constant(
  command("restart()", async (oracle, scene) => {
    await scene.restart();
    oracle.restart();
  }),
);

const kills = fc.constant(
  command("kill()", async (oracle, scene) => {
    await scene.kill();
    oracle.restart();
  }),
);

/** The file is gone while something is being written. */
const crashes = fc.tuple(asked, fc.nat(2)).map(([some, turns]) =>
  command(`crash ${turns} turns after submit(${JSON.stringify(some)})`, async (oracle, scene) => {
    made += 1;
    const wanted = { id: `task-${made}`, ...some };
    const isDone = await scene.crash(turns, (queue) => queue.submit(wantedOf(wanted, oracle.now)));
    if (isDone && !oracle.find(wanted)) oracle.add(wanted);
    oracle.restart();
  }),
);

/** All of them; what happens more often stands more than once. */
export const commands: readonly fc.Arbitrary<Command>[] = [
  ...[
    submits,
    submits,
    submits,
    submits,
    claims,
    claims,
    claims,
    completes,
    fails,
    givesBack,
    renews,
  ],
  ...[
    cancels,
    prioritizes,
    updates,
    resubmits,
    prunes,
    advances,
    advances,
    restarts,
    crashes,
    kills,
  ],
];
