/** Peers that die, freeze or fall silent under load: every call ends, and others notice nothing. @module */

import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { reportOf } from "../../src/errors.ts";
import { eventually } from "../support/members.ts";
import { type MeshApp, openMeshApp, peersSeen } from "../support/mesh-app.ts";
import { type MeshChild, startMeshChild } from "../support/mesh-children.ts";
import type { Cleanup } from "../support/temp-folder.ts";

/** No limit but the one on time: these tests are about silence. */
const peerLimits = { requestsPerSecond: 0, requestMs: 4_000 } as const;

/** What a timer may be late on a busy machine. */
const SLACK_MS = 3_000;

interface Scene {
  readonly here: MeshApp;
  readonly doomed: MeshChild;
  readonly healthy: MeshChild;
}

async function sceneOf(t: Cleanup): Promise<Scene> {
  const [doomed, healthy] = await Promise.all([
    startMeshChild(t, { name: "doomed", peerLimits }),
    startMeshChild(t, { name: "healthy", peerLimits }),
  ]);
  const limits = { perCallerConcurrent: 100 };
  const here = await openMeshApp(t, { transport: "tcp", config: { peerLimits, limits } });
  await Promise.all([doomed, healthy].map(({ address }) => here.app.mesh.reach(address)));
  return { here, doomed, healthy };
}

/** By its id: Deno takes a child for ended that it has sent any signal itself. */
function send({ process: child }: MeshChild, signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
  if (child.pid !== undefined) process.kill(child.pid, signal);
}

interface Ending {
  readonly code: string;
  readonly ms: number;
}

/** How a call ends: `ok` or the code of its error. */
async function ending(call: Promise<unknown>): Promise<Ending> {
  const startedAt = performance.now();
  const code = await call.then(
    () => "ok",
    (error: unknown) => reportOf(error).code,
  );
  return { code, ms: performance.now() - startedAt };
}

/** Fewer than the 64 that a peer takes at once: the mesh may be asking it for its tools, too. */
const OPEN = 48;

/** Calls that stay open at the doomed one, and short ones to the healthy one until `stop`, or the end. */
function load(
  t: Cleanup,
  { here }: Scene,
): {
  readonly open: readonly Promise<Ending>[];
  readonly stop: () => Promise<readonly Ending[]>;
} {
  const open = Array.from({ length: OPEN }, (_, at) =>
    ending(here.call("wait", { key: `k${at}` }, "peer:doomed")),
  );
  let isOn = true;
  const endings: Ending[] = [];
  const worker = async (): Promise<void> => {
    while (isOn) {
      endings.push(await ending(here.call("add", { a: 1, b: 1 }, "peer:healthy")));
      // Calls that are refused at once must not keep the events of the others waiting.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const workers = Promise.all([worker(), worker(), worker(), worker()]);
  const stop = async (): Promise<readonly Ending[]> => {
    isOn = false;
    await workers;
    return endings;
  };
  // Also where an assertion fails first: a loop that nobody ends keeps the process, and hides why.
  t.after(async () => void (await stop()));
  return { open, stop };
}

function assertOthersUnaffected(endings: readonly Ending[]): void {
  assert(endings.length > 20, `${endings.length} calls`);
  assertEquals([...new Set(endings.map(({ code }) => code))], ["ok"]);
}

describe("a peer under load", () => {
  it("that is killed fails all its calls in time, and no other's", async (t) => {
    const scene = await sceneOf(t);
    const { open, stop } = load(t, scene);
    await eventually("calls run at both", () => callsTo(scene, scene.healthy) > 50);
    send(scene.doomed, "SIGKILL");

    const endings = await Promise.all(open);
    assertEquals([...new Set(endings.map(({ code }) => code))], ["peer_unreachable"]);
    const slowest = Math.max(...endings.map(({ ms }) => ms));
    assert(slowest < peerLimits.requestMs + SLACK_MS, `${slowest} ms`);
    assertOthersUnaffected(await stop());
    assertEquals(await peersSeen(scene.here, 1), ["peer:healthy"]);
    const next = await ending(scene.here.call("add", { a: 1, b: 1 }, `peer:${scene.doomed.peer}`));
    assertEquals(next.code, "peer_unreachable");
  });

  it("that is frozen fails all its calls in time, and works again when it thaws", async (t) => {
    const scene = await sceneOf(t);
    const { open, stop } = load(t, scene);
    await eventually("calls run at both", () => callsTo(scene, scene.healthy) > 50);
    send(scene.doomed, "SIGSTOP");

    const endings = await Promise.all(open);
    assertEquals([...new Set(endings.map(({ code }) => code))], ["peer_unreachable"]);
    const slowest = Math.max(...endings.map(({ ms }) => ms));
    assert(slowest < peerLimits.requestMs + SLACK_MS, `${slowest} ms`);
    assertOthersUnaffected(await stop());

    send(scene.doomed, "SIGCONT");
    const { peer } = scene.doomed;
    let last: Ending | undefined;
    for (let at = 0; at < 20 && last?.code !== "ok"; at += 1) {
      last = await ending(scene.here.call("add", { a: 1, b: 1 }, `peer:${peer}`));
    }
    assertEquals(last?.code, "ok");
  });
});

const callsTo = ({ here }: Scene, { peer }: MeshChild): number =>
  here.peers.metrics({ peer, windowMs: 60_000 }).peers[0]?.calls ?? 0;
