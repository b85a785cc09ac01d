import { describe, it } from "node:test";
import { assertEquals, assertExists, assertRejects } from "@std/assert";
import type { ExtensionTell } from "../../../../src/mcp/extension.ts";
import { RpcFault } from "../../../../src/mcp/rpc-fault.ts";
import { listenForTasks } from "../../../../src/mcp/tasks/listening.ts";
import { TASKS_EXTENSION } from "../../../../src/mcp/tasks/names.ts";
import type { CallTask, TaskSource } from "../../../../src/mcp/tasks/task-source.ts";
import { localCaller } from "../../../../src/registry/caller.ts";

const client = { extensions: { [TASKS_EXTENSION]: {} } };

interface Scene {
  readonly source: TaskSource;
  readonly told: { readonly taskId: unknown; readonly status: unknown }[];
  readonly tell: ExtensionTell;
  readonly ended: AbortController;
  /** Change a task and say so. */
  change(id: string, state: CallTask["state"]): void;
  settle(): Promise<void>;
}

function scene(...ids: readonly string[]): Scene {
  const at = "2026-01-01T00:00:00.000Z";
  const states = new Map<string, CallTask["state"]>(ids.map((id) => [id, "working"]));
  const told: Scene["told"][number][] = [];
  const listeners: ((id: string) => void)[] = [];
  const source: Pick<TaskSource, "task" | "watch"> = {
    async task(id) {
      const state = states.get(id);
      return state && { id, state, createdAt: at, updatedAt: at, ttlMs: null };
    },
    watch: (_, changed) => void listeners.push(changed),
  };
  return {
    // Listening asks nothing else of a source.
    source: source as TaskSource,
    told,
    tell: ({ params: { taskId, status } }) => void told.push({ taskId, status }),
    ended: new AbortController(),
    change(id, state) {
      states.set(id, state);
      for (const listener of listeners) listener(id);
    },
    settle: () => new Promise((resolve) => setTimeout(resolve, 0)),
  };
}

const listen = (
  { source, tell, ended: { signal } }: Scene,
  notifications: Readonly<Record<string, unknown>>,
  declared: object = client,
) => {
  const request = { notifications, client: { ...declared }, caller: localCaller, signal };
  return listenForTasks(source, request, tell);
};

describe("listenForTasks()", () => {
  it("has no part in requests that name no tasks", async () => {
    assertEquals(await listen(scene("a"), { toolsListChanged: true }, {}), undefined);
  });

  it("refuses clients that do not declare the extension", async () => {
    await assertRejects(() => listen(scene("a"), { taskIds: ["a"] }, {}), RpcFault);
  });

  it("agrees to tell of the tasks that are there", async () => {
    const listening = await listen(scene("a", "b"), { taskIds: ["a", "c", 7] });
    assertEquals(listening?.acknowledged, { taskIds: ["a"] });
  });

  it("tells how each stands, then each change, and nothing twice", async () => {
    const watched = scene("a", "b");
    const listening = await listen(watched, { taskIds: ["a"] });
    assertExists(listening);
    assertEquals(watched.told, []);
    listening.begin();
    await watched.settle();
    watched.change("a", "working");
    await watched.settle();
    watched.change("b", "done");
    watched.change("a", "done");
    await watched.settle();
    assertEquals(watched.told, [
      { taskId: "a", status: "working" },
      { taskId: "a", status: "completed" },
    ]);
  });

  it("says nothing more once the client is gone", async () => {
    const watched = scene("a");
    (await listen(watched, { taskIds: ["a"] }))?.begin();
    await watched.settle();
    watched.ended.abort();
    watched.change("a", "done");
    await watched.settle();
    assertEquals(watched.told.length, 1);
  });
});
