/** MCP Tasks of a whole app: calls that become tasks of its queue, and what clients do with them. @module */

import { describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertExists, assertMatch } from "@std/assert";
import * as v from "valibot";
import { host } from "#host";
import { openPlace } from "../support/client-links.ts";
import { openHarness } from "../support/harness.ts";
import { initialize, post, rpcAnswer } from "../support/messages.ts";
import {
  CAPABLE,
  createTaskTools,
  TASKS,
  type TaskClient,
  taskClientOf,
} from "../support/task-calls.ts";

interface Scene extends TaskClient {
  readonly tools: ReturnType<typeof createTaskTools>;
  readonly fetch: (request: Request) => Promise<Response> | Response;
  begin(name: string, args?: Readonly<Record<string, unknown>>): Promise<string>;
}

async function open(t: TestContext): Promise<Scene> {
  const tools = createTaskTools();
  const { app } = await openHarness(t, { categories: [tools.category], files: host.files });
  const client = taskClientOf(app.fetch);
  return {
    ...client,
    tools,
    fetch: app.fetch,
    async begin(name, args = {}) {
      const { taskId } = await client.ask("tools/call", { name, arguments: args });
      return String(taskId);
    },
  };
}

const accept = { action: "accept", content: {} } as const;

describe("calls that become tasks", () => {
  it("are answered with a handle at once, and with the result by tasks/get", async (t) => {
    const { ask, until, tools } = await open(t);
    const created = await ask("tools/call", { name: "hold", arguments: {} });
    assertEquals(created.resultType, "task");
    assertEquals(created.status, "working");
    assertEquals(created.ttlMs, null);
    for (const absent of ["content", "result", "inputRequests", "requestState"]) {
      assert(!(absent in created), `${absent} is for tasks/get`);
    }
    await tools.started;
    tools.finish("done at last");
    const task = await until(String(created.taskId), "completed");
    assertEquals(task.resultType, "complete");
    assertEquals(task.result, {
      content: [{ type: "text", text: "done at last" }],
      resultType: "complete",
    });
    assert(Number(task.ttlMs) > 0);
    assertEquals(task.createdAt, created.createdAt);
  });

  it("tell how far they are", async (t) => {
    const { begin, until, tools } = await open(t);
    const taskId = await begin("hold");
    await tools.started;
    await until(taskId, "working", "begun (1 of 4)");
    tools.finish("");
  });

  it("bring results of any size", async (t) => {
    const { begin, until } = await open(t);
    const task = await until(await begin("large", { length: 200_000 }), "completed");
    const { content } = task.result as { content: { text: string }[] };
    assertEquals(content[0]?.text.length, 200_000);
  });

  it("are no tasks for wrong arguments: the model is told at once", async (t) => {
    const { ask } = await open(t);
    const result = await ask("tools/call", { name: "large", arguments: { length: "long" } });
    assertEquals(result.resultType, "complete");
    assertEquals(result.isError, true);
  });

  it("are completed with an error result where the tool failed, and not tried again", async (t) => {
    const { begin, until } = await open(t);
    const task = await until(await begin("break"), "completed");
    const { isError, content } = task.result as { isError: boolean; content: { text: string }[] };
    assertEquals(isError, true);
    assertMatch(String(content[0]?.text), /out of range/);
  });

  it("come out of dispatch as well", async (t) => {
    const { ask, until } = await open(t);
    const args = { tool: "large", params: { length: 3 } };
    const handle = await ask("tools/call", { name: "dispatch", arguments: args });
    assertEquals(handle.resultType, "task");
    const { result } = await until(String(handle.taskId), "completed");
    assertEquals((result as { content: unknown }).content, [{ type: "text", text: "xxx" }]);
  });
});

describe("clients that do not know tasks", () => {
  it("get the result of an optional one itself", async (t) => {
    const { ask, tools } = await open(t);
    tools.finish("at once");
    const result = await ask("tools/call", { name: "hold", arguments: {} }, {});
    assertEquals(result.resultType, "complete");
    assertEquals(result.content, [{ type: "text", text: "at once" }]);
  });

  it("are refused a required one, with what they lack", async (t) => {
    const { answer } = await open(t);
    const call = { name: "large", arguments: { length: 1 } };
    const { status, error } = await answer("tools/call", call, {});
    assertEquals(status, 400);
    assertEquals(error?.code, -32021);
    assertEquals(error?.data?.requiredCapabilities, { extensions: { [TASKS]: {} } });
  });

  it("are refused the extension's methods", async (t) => {
    const { answer } = await open(t);
    for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
      const params = { taskId: "some", inputResponses: {} };
      const { status, error } = await answer(method, params, {});
      assertEquals([status, error?.code], [400, -32021], method);
    }
  });

  it("of the legacy era find no such methods, and run required tools inline", async (t) => {
    const { fetch } = await open(t);
    const begun = await fetch(post(initialize(CAPABLE)));
    const session = { "mcp-session-id": String(begun.headers.get("mcp-session-id")) };
    await begun.body?.cancel();
    const ask = async (
      method: string,
      params: object,
    ): Promise<Readonly<Record<string, unknown>>> =>
      rpcAnswer(await fetch(post({ jsonrpc: "2.0", id: 1, method, params }, session, "/mcp")));
    const { error } = await ask("tasks/get", { taskId: "some" });
    assertEquals((error as { code: number }).code, -32601);
    const args = { tool: "large", params: { length: 2 } };
    const { result } = await ask("tools/call", { name: "dispatch", arguments: args });
    assertEquals((result as { content: unknown }).content, [{ type: "text", text: "xx" }]);
  });
});

describe("questions of a task", () => {
  it("wait for all answers, and are told without those that came", async (t) => {
    const { begin, until, ask } = await open(t);
    const taskId = await begin("ask_both");
    const waiting = await until(taskId, "input_required");
    const [left = "", right = ""] = Object.keys(waiting.inputRequests as object);
    const ack = await ask("tasks/update", { taskId, inputResponses: { [left]: accept } });
    assertEquals(ack.resultType, "complete");
    const partly = await ask("tasks/get", { taskId });
    assertEquals(partly.status, "input_required");
    assertEquals(Object.keys(partly.inputRequests as object), [right]);
    await ask("tasks/update", { taskId, inputResponses: { [right]: { action: "decline" } } });
    const task = await until(taskId, "completed");
    assertEquals((task.result as { content: unknown }).content, [
      { type: "text", text: "accept and decline" },
    ]);
  });

  it("never bear a key twice, though a tool asks the same again", async (t) => {
    const { begin, until, ask } = await open(t);
    const taskId = await begin("insist");
    const keys: string[] = [];
    for (const answer of [{ action: "decline" }, { action: "cancel" }, accept]) {
      const { inputRequests } = await until(taskId, "input_required");
      const [key = ""] = Object.keys(inputRequests as object);
      assert(!keys.includes(key), `${key} was asked before`);
      keys.push(key);
      // A late answer to an old question is no answer to this one.
      const inputResponses = {
        ...Object.fromEntries(keys.map((old) => [old, accept])),
        [key]: answer,
      };
      await ask("tasks/update", { taskId, inputResponses });
    }
    const task = await until(taskId, "completed");
    assertEquals((task.result as { content: unknown }).content, [
      { type: "text", text: "sure after 3 questions" },
    ]);
  });

  it("that the client cannot answer end the task with the error that the call had got", async (t) => {
    const { ask, until } = await open(t);
    const client = { extensions: { [TASKS]: {} } };
    const { taskId } = await ask("tools/call", { name: "insist", arguments: {} }, client);
    const task = await until(String(taskId), "failed");
    const { code, data } = task.error as { code: number; data: { requiredCapabilities: object } };
    assertEquals(code, -32021);
    assertEquals(data.requiredCapabilities, { elicitation: {} });
  });
});

describe("tasks/cancel", () => {
  it("ends a task that runs, and is acknowledged for one that is over", async (t) => {
    const { begin, until, ask, tools } = await open(t);
    const taskId = await begin("hold");
    await tools.started;
    assertEquals((await ask("tasks/cancel", { taskId })).resultType, "complete");
    await until(taskId, "cancelled");
    assertEquals((await ask("tasks/cancel", { taskId })).resultType, "complete");
  });

  it("ends one that waits for answers", async (t) => {
    const { begin, until, ask } = await open(t);
    const taskId = await begin("ask_both");
    await until(taskId, "input_required");
    await ask("tasks/cancel", { taskId });
    await until(taskId, "cancelled");
  });
});

describe("the SDK's client", () => {
  it("finds the extension, and asks for tasks by their methods", async (t) => {
    const tools = createTaskTools();
    const place = await openPlace(t, "fetch", { categories: [tools.category], files: host.files });
    const { app } = place.harness ?? {};
    assertExists(app);
    const client = await place.connect("modern", {
      capabilities: { elicitation: {}, extensions: { [TASKS]: {} } },
      path: "/mcp/flat",
    });
    const { extensions } = client.getServerCapabilities() as { extensions: object };
    assertEquals(Object.keys(extensions).includes(TASKS), true);
    // Its `callTool` refuses the result type `task` as unsupported (2.4.0), so the call is posted.
    const { ask, until } = taskClientOf(app.fetch);
    const { taskId } = await ask("tools/call", { name: "ask_both", arguments: {} });
    const id = String(taskId);
    const { inputRequests } = await until(id, "input_required");
    const keys = Object.keys(inputRequests as object);
    const inputResponses = Object.fromEntries(keys.map((key) => [key, accept]));
    const update = { method: "tasks/update", params: { taskId, inputResponses } };
    await client.request(update, v.looseObject({}));
    await until(id, "completed");
    const Task = v.looseObject({ status: v.string(), result: v.unknown() });
    const task = await client.request({ method: "tasks/get", params: { taskId } }, Task);
    assertEquals((task.result as { content: unknown }).content, [
      { type: "text", text: "accept and accept" },
    ]);
    await client.request({ method: "tasks/cancel", params: { taskId } }, v.looseObject({}));
  });
});
