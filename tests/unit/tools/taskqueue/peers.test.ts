/** The tools of the task queue, asked of other servers, and what they tell the mesh. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../../src/errors.ts";
import type { PeerInfo, Peers, SignedRecord } from "../../../../src/registry/peers.ts";
import { runtimeOf } from "../../../../src/registry/runtime-of.ts";
import type { Tasks } from "../../../../src/registry/tasks.ts";
import { tools } from "../../../../tools/taskqueue/mod.ts";
import { createFakePeers, OTHER_PEER, PEER, peerInfo } from "../../../support/fake-peers.ts";
import { answered, createTaskScene } from "../../../support/task-scene.ts";

const TASK = "8d1f4c1e-5b0a-4f0e-9b7c-2f1f6f3f9a10";

/** Answers every call that is handed on, and remembers it. */
function handOn(answer: (at: number) => object) {
  const calls: unknown[][] = [];
  const forward: Tasks["forward"] = async (peer, tool, input) => {
    calls.push([peer, tool, input]);
    return answered(answer(calls.length));
  };
  return { calls, forward };
}

describe("every tool of the task queue", () => {
  it("runs on this server, mesh or not", () => {
    for (const tool of tools) {
      assertEquals([runtimeOf(tool), tool.routing.requiresMesh], ["local", undefined], tool.name);
    }
  });

  it("takes the name of a queue, and a peer", () => {
    for (const { name, inputSchema } of tools) {
      const properties = inputSchema.properties as Record<string, { default?: unknown }>;
      assertEquals(properties.queue?.default, "default", name);
      assertEquals("peer" in properties, true, name);
      assertEquals(
        (inputSchema.required as string[] | undefined)?.includes("peer") ?? false,
        false,
      );
    }
  });

  it("judges reading, writing and destroying apart", () => {
    const accessOf = (access: string): string[] =>
      tools.filter((tool) => tool.access === access).map((tool) => tool.name.slice(14));
    assertEquals(accessOf("read").sort(), [
      ...["discover_peers", "get_result", "list_tasks", "status", "task_status", "worker_stats"],
    ]);
    assertEquals(accessOf("destructive").sort(), ["cancel", "shutdown"]);
  });
});

describe("a call that names a peer", () => {
  it("is handed on without the peer, and answered with what comes back", async (t) => {
    const said = { taskId: TASK, state: "cancelled", requested: false };
    const { calls, forward } = handOn(() => said);
    const { call } = await createTaskScene(t, { forward });

    const answer = await call("cancel", { peer: OTHER_PEER, taskId: TASK, queue: "night" });

    assertEquals(answer, said);
    const input = { taskId: TASK, queue: "night" };
    assertEquals(calls, [[OTHER_PEER, "p2p_taskqueue_cancel", input]]);
  });

  it("waits for a result in parts that a peer has time for", async (t) => {
    const outcome = { taskId: TASK, attempts: 1, durationMs: 5 };
    const { calls, forward } = handOn((at) => ({
      ...outcome,
      ...(at < 3 ? { state: "leased" } : { state: "done", result: 7 }),
    }));
    const { call } = await createTaskScene(t, { forward });

    const { state, result } = await call("get_result", {
      ...{ peer: OTHER_PEER, taskId: TASK, waitMs: 50_000 },
    });

    assertEquals([state, result], ["done", 7]);
    assertEquals(
      calls.map(([, , input]) => (input as { waitMs: number }).waitMs),
      [20_000, 20_000, 10_000],
    );
  });

  it("fails as the way there fails", async (t) => {
    const error = new UnavailableError("peer_unreachable", "Nobody answers");
    const { call } = await createTaskScene(t, { forward: () => Promise.reject(error) });

    await assertRejects(() => call("status", { peer: "x" }), UnavailableError, "Nobody answers");
  });
});

describe("a server whose queues are elsewhere", () => {
  it("hands every call on to where they are", async (t) => {
    const calls: unknown[] = [];
    const { call } = await createTaskScene(t, {
      elsewhere: async () => async (tool, input) => {
        calls.push([tool, input]);
        return answered({ taskId: TASK, oldPriority: 1, newPriority: 2 });
      },
    });

    const { newPriority } = await call("priority", { taskId: TASK, priority: 2 });

    assertEquals(newPriority, 2);
    const input = { queue: "default", taskId: TASK, priority: 2 };
    assertEquals(calls, [["p2p_taskqueue_priority", input]]);
  });
});

const record: SignedRecord = {
  ...{ peer: PEER, addresses: [], abilities: ["gpu", "worker", "slots:2"], interfaces: [] },
  ...{ sequence: 1, expiresAt: "2030-01-01T00:00:00.000Z", signature: "x" },
};

/** A mesh that signs what it is told, and remembers it. */
function signing() {
  const asked: Parameters<Peers["register"]>[0][] = [];
  const register: Peers["register"] = async (options) => {
    asked.push(options);
    const { abilities = record.abilities } = options;
    return { record: { ...record, abilities }, published: [{ registry: "mdns", ok: true }] };
  };
  return { asked, peers: createFakePeers({ register }) };
}

describe("p2p_taskqueue_announce", () => {
  it("adds to the abilities that the server has, and publishes once", async (t) => {
    const { asked, peers } = signing();
    const { call } = await createTaskScene(t, { peers });

    const answer = await call("announce", { abilities: ["whisper"], slots: 4, ttlMs: 60_000 });

    const abilities = ["gpu", "whisper", "queue", "worker", "slots:4"];
    assertEquals((answer.record as SignedRecord).abilities, abilities);
    assertEquals(answer.published, [{ registry: "mdns", ok: true }]);
    assertEquals(
      asked.map(({ registries, ttlMs }) => [registries, ttlMs]),
      [
        [[], 60_000],
        [undefined, 60_000],
      ],
    );
  });

  it("takes the worker back with no slots, and leaves it where none are named", async (t) => {
    const { peers } = signing();
    const { call } = await createTaskScene(t, { peers });
    const abilitiesAfter = async (input: Record<string, unknown>): Promise<unknown> =>
      ((await call("announce", input)).record as SignedRecord).abilities;

    assertEquals(await abilitiesAfter({ slots: 0 }), ["gpu", "queue"]);
    assertEquals(await abilitiesAfter({}), ["gpu", "worker", "slots:2", "queue"]);
  });
});

describe("p2p_taskqueue_discover_peers", () => {
  const far = peerInfo({ peer: "far", abilities: ["queue", "gpu"], isConnected: true, rttMs: 90 });
  const near = peerInfo({ peer: "near", abilities: ["worker"], isConnected: true, rttMs: 2 });
  const other = peerInfo({ peer: "other", isConnected: true, abilities: ["p2p_taskqueue"] });
  const gone = peerInfo({ peer: "gone" });

  const meshOf = (peers: readonly PeerInfo[]): Peers => createFakePeers({ peers });
  const namesOf = ({ peers }: Record<string, unknown>): unknown[] =>
    (peers as { peer: string; foundBy: string }[]).map(({ peer, foundBy }) => [peer, foundBy]);

  it("finds those that say so, near ones first, as many as are asked for", async (t) => {
    const { call } = await createTaskScene(t, { peers: meshOf([far, other, near, gone]) });

    assertEquals(namesOf(await call("discover_peers")), [
      ["near", "ability"],
      ["far", "ability"],
    ]);
    assertEquals(namesOf(await call("discover_peers", { limit: 1 })), [["near", "ability"]]);
    const able = await call("discover_peers", { requires: ["gpu"] });
    assertEquals(namesOf(able), [["far", "ability"]]);
  });

  it("asks connected peers where none says so, and leaves out who does not answer", async (t) => {
    const asked: string[] = [];
    const forward: Tasks["forward"] = async (peer, tool) => {
      asked.push(`${peer} ${tool}`);
      if (peer === "mute") throw new UnavailableError("peer_unreachable", "no");
      return answered({ healthy: true });
    };
    const mute = peerInfo({ peer: "mute", isConnected: true });
    const without = peerInfo({ peer: "without", isConnected: true, abilities: ["cache"] });
    const peers = meshOf([mute, without, other, gone]);
    const { call } = await createTaskScene(t, { forward, peers });

    assertEquals(namesOf(await call("discover_peers")), [["other", "answer"]]);
    assertEquals(asked, ["mute p2p_taskqueue_status", "other p2p_taskqueue_status"]);
  });
});
