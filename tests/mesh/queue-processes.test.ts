/** Queues and workers as processes: other hosts, rules, death, taking over, and leaving in peace. @module */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { host } from "#host";
import { eventually } from "../support/eventually.ts";
import { callQueue } from "../support/queue-calls.ts";
import {
  effectsIn,
  type QueueProcess,
  type QueueProcessOptions,
  type ServerSettings,
  type StartedServer,
  serverArgs,
  startedServer,
  startQueueProcess,
  workerArgs,
} from "../support/queue-processes.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";

type Facts = Readonly<Record<string, unknown>>;

/** A file that gets a line for each execution, and one that lets those end that wait for it. */
interface Effects {
  readonly file: string;
  readonly gate: string;
  /** Process ids, in the order of the executions; waits until there are so many. */
  pids(count: number): Promise<readonly number[]>;
  open(): Promise<void>;
}

const MAY_WORK = { allow: [{ peer: "*", abilities: ["worker"] }] };

// One run of this file starts all three hosts.
const skip = host.name === "node" ? false : "runs on Node";

async function effectsOf(t: Cleanup): Promise<Effects> {
  const folder = await createTempFolder(t);
  const [file, gate] = [join(folder, "effects"), join(folder, "gate")];
  const pids = async (): Promise<readonly number[]> =>
    (await effectsIn(file)).map(({ pid }) => pid);
  return {
    ...{ file, gate },
    async pids(count) {
      await eventually(`${count} executions`, async () => (await pids()).length >= count);
      return pids();
    },
    open: () => writeFile(gate, ""),
  };
}

function ending<One extends QueueProcess>(t: Cleanup, started: One): One {
  t.after(async () => {
    started.signal("SIGKILL");
    await started.ended;
  });
  return started;
}

async function server(
  t: Cleanup,
  settings: ServerSettings = { mesh: MAY_WORK },
  folder?: string,
): Promise<StartedServer> {
  const own = folder ?? (await createTempFolder(t));
  const args = await serverArgs(own, settings);
  return startedServer(ending(t, startQueueProcess(own, args)));
}

async function worker(
  t: Cleanup,
  { address }: StartedServer,
  { args = [], ...options }: QueueProcessOptions & { readonly args?: readonly string[] } = {},
): Promise<QueueProcess> {
  const folder = await createTempFolder(t);
  return ending(t, startQueueProcess(folder, workerArgs(folder, address, ...args), options));
}

async function submit(
  { url }: Pick<StartedServer, "url">,
  input: Facts,
  more: Facts = {},
): Promise<string> {
  const { taskId } = await callQueue(url, "submit", { kind: "effect", input, ...more });
  return String(taskId);
}

function outcome({ url }: Pick<StartedServer, "url">, taskId: string): Promise<Facts> {
  return callQueue(url, "get_result", { taskId, waitMs: 30_000 }, { withinMs: 40_000 });
}

describe("a worker in another process", { skip }, () => {
  it("on Bun and on Deno works what a server on Node owns", async (t) => {
    const owner = await server(t);
    const effects = await effectsOf(t);
    const workers = await Promise.all(
      (["bun", "deno"] as const).map(async (host) => {
        const started = await worker(t, owner, { host, args: ["--slots", "1", "--name", host] });
        await started.said("working");
        return started;
      }),
    );

    const input = { file: effects.file, until: effects.gate };
    const ids = [await submit(owner, { ...input, n: 1 }), await submit(owner, { ...input, n: 2 })];
    const pids = await effects.pids(2);
    await effects.open();
    const outcomes = await Promise.all(ids.map((id) => outcome(owner, id)));

    assertEquals(new Set(pids), new Set(workers.map(({ pid }) => pid)));
    assertEquals(
      outcomes.map(({ state }) => state),
      ["done", "done"],
    );
    const { workers: seen } = await callQueue(owner.url, "worker_stats", {});
    const hosts = (seen as readonly Facts[]).map((one) => [one.host, one.done]);
    assertEquals(
      new Map(hosts as [string, number][]),
      new Map([
        ["bun", 1],
        ["deno", 1],
      ]),
    );
  });

  it("without the ability ends with the sentence that names the rule", async (t) => {
    const owner = await server(t, { mesh: { allow: [] } });

    const refused = await worker(t, owner);

    assertEquals(await refused.ended, 3);
    const { stderr } = refused.output();
    assertMatch(stderr, /capability_missing/);
    assertMatch(stderr, /adds the ability \\"worker\\" to a rule of mesh\.allow/);
  });

  it("that is killed in the midst of a task loses it to another", async (t) => {
    const owner = await server(t, { mesh: MAY_WORK, queue: { leaseMs: 600 } });
    const effects = await effectsOf(t);
    const workers = await Promise.all([worker(t, owner), worker(t, owner)]);
    await Promise.all(workers.map((one) => one.said("working")));
    const taskId = await submit(owner, { file: effects.file, n: 7, until: effects.gate });
    const [first] = await effects.pids(1);

    const victim = workers.find(({ pid }) => pid === first);
    victim?.signal("SIGKILL");
    const [, second] = await effects.pids(2);
    await effects.open();

    const survivor = workers.find((one) => one !== victim);
    assertEquals(second, survivor?.pid);
    const { state, result } = await outcome(owner, taskId);
    assertEquals({ state, result }, { state: "done", result: { n: 7, pid: second } });
    const { stalls, history } = await callQueue(owner.url, "task_status", {
      taskId,
      history: true,
    });
    assertEquals(stalls, 1);
    const types = (history as readonly Facts[]).map(({ type }) => type);
    assertEquals(types, ["submitted", "claimed", "lost", "claimed", "completed"]);
  });

  it("finishes what it has when it is asked to end, and takes nothing new", async (t) => {
    const owner = await server(t);
    const effects = await effectsOf(t);
    const asked = await worker(t, owner, { args: ["--slots", "1"] });
    await asked.said("working");
    const input = { file: effects.file, n: 1, until: effects.gate };
    const held = await submit(owner, input);
    await effects.pids(1);
    const waiting = await submit(owner, input);

    asked.signal("SIGTERM");
    await asked.said("stopping");
    await effects.open();

    assertEquals(await asked.ended, 0);
    const drained = await asked.said("drained");
    assertEquals([drained.finished, drained.released], [1, 0]);
    assertEquals((await outcome(owner, held)).state, "done");
    const { state } = await callQueue(owner.url, "task_status", { taskId: waiting });
    assertEquals(state, "ready");
    assertEquals((await effects.pids(1)).length, 1);
  });

  it("gives back what it cannot finish in its grace", async (t) => {
    const owner = await server(t);
    const effects = await effectsOf(t);
    const asked = await worker(t, owner, { args: ["--grace", "1"] });
    await asked.said("working");
    const taskId = await submit(owner, { file: effects.file, n: 1, until: effects.gate });
    await effects.pids(1);

    asked.signal("SIGTERM");

    assertEquals(await asked.ended, 0);
    const drained = await asked.said("drained");
    assertEquals([drained.finished, drained.released], [0, 1]);
    const { state, stalls } = await callQueue(owner.url, "task_status", { taskId });
    assertEquals({ state, stalls }, { state: "ready", stalls: 0 });
    // Its lease was to last for half a minute more.
    await (await worker(t, owner)).said("working");
    await effects.open();
    assertEquals((await outcome(owner, taskId)).state, "done");
  });
});

describe("a worker whose owner is gone", { skip }, () => {
  it("ends when it is asked to, in its grace and a little", async (t) => {
    const owner = await server(t);
    const effects = await effectsOf(t);
    const asked = await worker(t, owner, { args: ["--grace", "1"] });
    await asked.said("working");
    await submit(owner, { file: effects.file, n: 1, until: effects.gate });
    await effects.pids(1);
    owner.signal("SIGKILL");
    await owner.ended;

    asked.signal("SIGTERM");

    assertEquals(await asked.ended, 0);
    const drained = await asked.said("drained");
    assertEquals([drained.finished, drained.released], [0, 1]);
  });
});

describe("a second server on the same data folder", { skip }, () => {
  it("says who has the queues, works there, answers through it, and takes over", async (t) => {
    const folder = await createTempFolder(t);
    const effects = await effectsOf(t);
    const input = { file: effects.file, n: 1 };
    const first = await server(t, {}, folder);
    const second = await server(t, { queue: { slots: 2 } }, folder);

    // Who has them.
    await eventually("it says who has the queues", () =>
      second.output().stderr.includes(`belongs to process ${first.pid}`),
    );
    // Its answers are the owner's, and its slots work the owner's tasks.
    const [here, there] = [await submit(second, input), await submit(first, input)];
    assertEquals((await outcome(second, there)).state, "done");
    assertEquals((await outcome(first, here)).state, "done");
    assertEquals(new Set(await effects.pids(2)), new Set([second.pid]));
    const before = await callQueue(second.url, "status", {});
    assertEquals(before, await callQueue(first.url, "status", {}));

    first.signal("SIGKILL");
    await first.ended;

    // The first who asks finds the folder free.
    await eventually("it has taken over", async () => {
      const { epoch } = await callQueue(second.url, "status", {}).catch(() => ({ epoch: 0 }));
      return epoch === Number(before.epoch) + 1;
    });
    assertEquals((await outcome(second, here)).state, "done");
    const after = await submit(second, input);
    assertEquals((await outcome(second, after)).state, "done");
    assert((await effects.pids(3)).every((pid) => pid === second.pid));
    second.signal("SIGTERM");
    assertEquals(await second.ended, 0);
  });
});
