/** Workflows whose calls go into the queues of other owners: processes of three hosts, and their deaths. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { host } from "#host";
import type { HostName } from "../../bench/hosts.ts";
import { fromBase64 } from "../../src/ipld/base64.ts";
import { verifyProof } from "../../src/workflow/proof/verify.ts";
import { eventually } from "../support/eventually.ts";
import { createKeys } from "../support/keys.ts";
import { callTool } from "../support/queue-calls.ts";
import {
  type QueueProcess,
  type StartedServer,
  serverArgs,
  startedServer,
  startQueueProcess,
} from "../support/queue-processes.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";

type Facts = Readonly<Record<string, unknown>>;

// One run of this file starts all three hosts.
const skip = host.name === "node" ? false : "runs on Node";

/** Whoever asks is known everywhere, and may see everything. */
const keys = createKeys({ boss: { access: "destructive", abilities: ["admin"] } });

const call = (url: string, tool: string, input: Facts, withinMs = 30_000): Promise<Facts> =>
  callTool(url, tool, input, { withinMs, headers: keys.as("boss") });

/** A server that can be killed and started again at the same place. */
interface Restartable {
  readonly now: StartedServer;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Every peer may give tasks for the test's own tool, and let this one take part in its workflows. */
const TOOLS = ["p2p_taskqueue_submit", "p2p_workflow_submit", "chaos_step"];
const MAY_GIVE = { allow: [{ peer: "*", tools: TOOLS }] };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

async function server(t: Cleanup, on: HostName): Promise<Restartable> {
  const folder = await createTempFolder(t);
  const args = await serverArgs(folder, {
    queue: { slots: 2, leaseMs: 2_000 },
    mesh: MAY_GIVE,
    more: { listen: { port: await freePort() }, name: on, auth: { keys: keys.auth.keys } },
  });
  // Where it is found again by those who know it.
  const env = { MCPP_MESH_TCP_PORT: String(await freePort()) };
  let running: QueueProcess;
  const start = async (): Promise<StartedServer> => {
    running = startQueueProcess(folder, args, { host: on, env });
    return startedServer(running);
  };
  let now = await start();
  const kill = async (): Promise<void> => {
    running.signal("SIGKILL");
    await running.ended;
  };
  t.after(kill);
  return {
    get now() {
      return now;
    },
    kill,
    async start() {
      now = await start();
    },
  };
}

interface Fan {
  readonly run: string;
  readonly file: string;
  readonly ms: number;
  readonly at: readonly string[];
}

const ITEMS = Array.from({ length: 40 }, (_, n) => n);

/** Forty calls in two queues elsewhere, and one here that needs them all. */
function fanOut(): Facts {
  const common = { file: "$input.file", run: "$input.run", ms: "$input.ms" };
  return {
    name: "fan-out",
    nodes: [
      {
        id: "each",
        map: {
          over: "$input.items",
          node: {
            tool: "chaos_step",
            input: { ...common, node: "each", index: "$index", of: "$item" },
            peer: { at: "$peers" },
          },
        },
      },
      { id: "all", tool: "chaos_step", input: { ...common, node: "all", of: "$each.results" } },
    ],
    output: "$all.result.sum",
  };
}

async function submit({ url }: StartedServer, { at, ...fan }: Fan): Promise<string> {
  const input = { ...fan, items: ITEMS };
  const { workflowId } = await call(url, "p2p_workflow_submit", {
    ...{ workflow: fanOut(), input, peers: at, idempotencyKey: fan.run },
  });
  return String(workflowId);
}

async function resultOf({ url }: StartedServer, workflowId: string): Promise<Facts> {
  const ask = { workflowId, waitMs: 60_000 };
  return call(url, "p2p_workflow_get_result", ask, 70_000);
}

/** `node/index` of each execution, and who made it. */
async function executionsIn(file: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const [what = "", pid = ""] = line.split(" ");
      return [what.slice(what.indexOf("/") + 1), pid];
    });
}

/** What the logs of all three prove of a run that is over. */
async function assertProven({ url }: StartedServer, workflowId: string): Promise<void> {
  const ask = { workflowId, format: "car" };
  const { text } = await call(url, "p2p_workflow_get_dag", ask, 60_000);
  const { faults, missing, edges, logs } = verifyProof(fromBase64(String(text)));
  assertEquals([faults, missing, edges], [[], [], [{ from: "each", to: "all" }]]);
  assertEquals(logs.length, 3);
}

const SUM = ITEMS.reduce((sum, n) => sum + n, 0);

describe("calls of a workflow for the queues of peers, as processes", { skip }, () => {
  it("run on Bun and on Deno, each once, and their owner puts them together", async (t) => {
    const [home, bun, deno] = await Promise.all([
      server(t, "node"),
      server(t, "bun"),
      server(t, "deno"),
    ]);
    const file = join(await createTempFolder(t), "effects");

    const at = [bun.now.address, deno.now.address];
    const id = await submit(home.now, { run: "fan", file, ms: 1, at });
    const { state, result } = await resultOf(home.now, id);

    assertEquals([state, result], ["done", SUM]);
    const made = await executionsIn(file);
    assertEquals(made.length, ITEMS.length + 1);
    const byPid = Object.groupBy(made, ([, pid]) => pid);
    assertEquals(byPid[home.now.pid]?.length, 1);
    for (const { now } of [bun, deno]) assertEquals((byPid[now.pid]?.length ?? 0) > 5, true);
    await assertProven(home.now, id);
  });

  it("end the same where each of the owners is killed in between", async (t) => {
    const [home, bun, deno] = await Promise.all([
      server(t, "node"),
      server(t, "bun"),
      server(t, "deno"),
    ]);
    const file = join(await createTempFolder(t), "effects");
    const made = async (): Promise<number> => (await executionsIn(file)).length;

    const at = [bun.now.address, deno.now.address];
    const id = await submit(home.now, { run: "deaths", file, ms: 200, at });
    for (const [victim, after] of [
      [bun, 6],
      [home, 14],
      [deno, 22],
    ] as const) {
      await eventually(`${after} calls were made`, async () => (await made()) >= after);
      await victim.kill();
      await victim.start();
    }
    const { state, result } = await resultOf(home.now, id);

    assertEquals([state, result], ["done", SUM]);
    const what = new Set((await executionsIn(file)).map(([one]) => one));
    assertEquals(what.size, ITEMS.length + 1);
    await assertProven(home.now, id);
  });

  it("go on with another coordinator where theirs is killed for good", async (t) => {
    const [home, bun, deno] = await Promise.all([
      server(t, "node"),
      server(t, "bun"),
      server(t, "deno"),
    ]);
    const file = join(await createTempFolder(t), "effects");
    const status = async (one: Restartable): Promise<Facts> =>
      call(one.now.url, "p2p_workflow_status", { workflowId: id });

    // They have to know each other: whoever takes over asks the rest.
    await call(bun.now.url, "p2p_peer_connect", { peer: deno.now.address });
    const at = [bun.now.address, deno.now.address];
    const id = await submit(home.now, { run: "gone", file, ms: 150, at });
    await eventually("some calls were made", async () => (await executionsIn(file)).length >= 8);
    await home.kill();

    const told = await status(deno);
    assertEquals([typeof told.asOf, told.state], ["string", "running"]);
    const taken = await call(bun.now.url, "p2p_workflow_coordinate", {
      ...{ workflowId: id, action: "takeover" },
    });
    assertEquals((taken.coordination as Facts).coordinator, bun.now.peer);
    const { state, result } = await resultOf(bun.now, id);

    assertEquals([state, result], ["done", SUM]);
    await home.start();
    await eventually("the first coordinator heard of it", async () => {
      const { coordination } = await status(home);
      return (coordination as Facts).coordinator === bun.now.peer;
    });
  });
});
