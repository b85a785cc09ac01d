/** Tasks in an app: submitted by tools, worked by the app itself, seen by who may. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { createApp, defineTool, type EmbeddedApp } from "../../../runtimes/lib.ts";
import { AuthError, InputError, UnavailableError } from "../../../src/errors.ts";
import { anonymousCaller, type Caller } from "../../../src/registry/caller.ts";
import { createTempFolder } from "../../support/temp-folder.ts";

type Fields = Readonly<Record<string, unknown>>;

const add = defineTool({
  name: "add",
  description: "Add two numbers",
  input: v.object({ a: v.number(), b: v.number() }),
  output: v.object({ sum: v.number() }),
  annotations: { readOnlyHint: true },
  run: ({ a, b }) => ({ sum: a + b }),
});

const wipe = defineTool({
  name: "wipe",
  description: "Remove everything",
  input: v.object({}),
  annotations: { destructiveHint: true },
  run: () => ({ wiped: true }),
});

const quiet = { log: { audit: false, level: "error" } } as const;

const caller = (id: string, access: Caller["grant"]["access"]): Caller => ({
  id,
  grant: { categories: "*", access, abilities: new Set() },
});

async function told(app: EmbeddedApp, tool: string, input: object, as?: Caller): Promise<Fields> {
  const name = `p2p_taskqueue_${tool}`;
  const result = await app.call(name, input, as ? { caller: as } : {});
  return (result.structuredContent ?? {}) as Fields;
}

describe("an app with a queue", () => {
  it("works the tasks that its tools are given", async () => {
    await using app = await createApp({ tools: [add], config: quiet });

    const { taskId, duplicate } = await told(app, "submit", {
      ...{ kind: "tool", tool: "add", input: { a: 1, b: 2 } },
      idempotencyKey: "once",
    });
    const outcome = await told(app, "get_result", { taskId, waitMs: 10_000 });

    assertEquals(duplicate, false);
    assertEquals([outcome.state, outcome.result], ["done", { sum: 3 }]);
    const again = await told(app, "submit", {
      ...{ kind: "tool", tool: "add", input: { a: 1, b: 2 } },
      idempotencyKey: "once",
    });
    assertEquals([again.taskId, again.duplicate], [taskId, true]);
    const { counts } = await told(app, "status", {});
    assertEquals((counts as Fields).done, 1);
  });

  it("tells at once of a tool that does not exist", async () => {
    await using app = await createApp({ tools: [add], config: quiet });

    const submit = (): Promise<unknown> => told(app, "submit", { kind: "tool", tool: "ad" });

    await assertRejects(submit, InputError, "did you mean add");
  });

  it("does not let a task do what its submitter may not", async () => {
    await using app = await createApp({ tools: [add, wipe], config: quiet });
    const writer = caller("key:ci", "write");

    const submit = (): Promise<unknown> =>
      told(app, "submit", { kind: "tool", tool: "wipe" }, writer);

    const error = await assertRejects(submit, Error);
    assert(error instanceof InputError || error instanceof AuthError, String(error));
    assertStringIncludes(error.message, "wipe");
  });

  it("shows a task to its submitter and to nobody else", async () => {
    await using app = await createApp({ tools: [add], config: quiet });
    const [ada, bob] = [caller("key:ada", "write"), caller("key:bob", "write")];
    const input = { kind: "tool", tool: "add", input: { a: 1, b: 2 } };
    const { taskId } = await told(app, "submit", input, ada);
    await told(app, "get_result", { taskId, waitMs: 10_000 }, ada);

    const look = (): Promise<unknown> => told(app, "get_result", { taskId }, bob);

    const error = await assertRejects(look, InputError, "that is yours");
    assertEquals(error.code, "not_found");
    const listOf = async (who?: Caller): Promise<unknown> =>
      ((await told(app, "list_tasks", {}, who)).tasks as readonly unknown[]).length;
    assertEquals([await listOf(ada), await listOf(bob), await listOf()], [1, 0, 1]);
  });

  it("works kinds of its own, and tries again what failed", async () => {
    let tries = 0;
    const keys = new Set<string>();
    await using app = await createApp({
      config: quiet,
      taskHandlers: {
        async flaky(input, { progress, log, idempotencyKey }) {
          tries += 1;
          log(`try ${tries}`);
          keys.add(idempotencyKey);
          progress(1, 2, "half");
          if (tries === 1) throw new Error("not yet");
          return { got: input };
        },
      },
    });

    const { taskId } = await told(app, "submit", {
      ...{ kind: "flaky", input: { n: 1 } },
      backoff: { initialMs: 1, jitter: 0 },
    });
    const outcome = await told(app, "get_result", { taskId, waitMs: 10_000 });

    assertEquals([outcome.state, outcome.result], ["done", { got: { n: 1 } }]);
    assertEquals([outcome.attempts, tries, keys.size], [2, 2, 1]);
    const { history, log } = await told(app, "task_status", { taskId, history: true });
    assertEquals(log, ["try 1", "try 2"]);
    const types = (history as readonly Fields[]).map(({ type }) => type);
    assertEquals(types.at(0), "submitted");
    assertEquals(types.at(-1), "completed");
    assert(types.includes("failed"));
  });

  it("keeps the lease of a handler that lets nothing else run for longer than it", async () => {
    const leaseMs = 300;
    await using app = await createApp({
      config: { ...quiet, queue: { leaseMs } },
      taskHandlers: {
        async stubborn() {
          const until = performance.now() + 3 * leaseMs;
          while (performance.now() < until);
          return "done at last";
        },
      },
    });

    const { taskId } = await told(app, "submit", { kind: "stubborn" });
    const outcome = await told(app, "get_result", { taskId, waitMs: 10_000 });

    assertEquals([outcome.state, outcome.result, outcome.attempts], ["done", "done at last", 1]);
    assertEquals((await told(app, "task_status", { taskId })).stalls, 0);
  });

  it("tells a large result by its address, and gives it as a resource", async () => {
    const large = "x".repeat(100_000);
    await using app = await createApp({
      config: quiet,
      taskHandlers: { large: async () => large },
    });
    // Over HTTP nobody is known by name here.
    const { taskId } = await told(app, "submit", { kind: "large" }, anonymousCaller);

    const outcome = await told(app, "get_result", { taskId, waitMs: 10_000 }, anonymousCaller);

    assertEquals([outcome.state, outcome.result], ["done", undefined]);
    assertStringIncludes(String(outcome.resultCid), "bafy");
    const read = await readResource(app, `task-result://default/${taskId}`);
    assertEquals(JSON.parse(read), large);
  });

  it("keeps its tasks over a restart", async (t) => {
    const config = { ...quiet, dataDir: await createTempFolder(t), queue: { slots: 0 } };
    const before = await createApp({ tools: [add], config });
    const input = { a: 2, b: 3 };
    const { taskId } = await told(before, "submit", { kind: "tool", tool: "add", input });
    await before.stop();

    await using after = await createApp({ tools: [add], config: { ...config, queue: {} } });
    const outcome = await told(after, "get_result", { taskId, waitMs: 10_000 });

    assertEquals(outcome.result, { sum: 5 });
    const { epoch } = await told(after, "status", {});
    assertEquals(epoch, 2);
  });

  it("does all else where the queue is off, and says why there is none", async () => {
    const config = { ...quiet, features: { queue: false } };
    await using app = await createApp({ tools: [add], config });

    assertEquals((await app.call("add", { a: 1, b: 1 })).structuredContent, { sum: 2 });
    const submit = (): Promise<unknown> => told(app, "submit", { kind: "tool", tool: "add" });
    await assertRejects(submit, UnavailableError, "features.queue is off");
  });
});

async function readResource(app: EmbeddedApp, uri: string): Promise<string> {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const message = { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri, _meta: meta } };
  const response = await app.fetch(
    new Request("http://127.0.0.1/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        host: "127.0.0.1",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "resources/read",
        "mcp-name": uri,
      },
      body: JSON.stringify(message),
    }),
  );
  const text = await response.text();
  const data = /^data: ?(.*)$/m.exec(text)?.[1] ?? text;
  const { result } = JSON.parse(data) as { result: { contents: readonly { text: string }[] } };
  return result.contents[0]?.text ?? "";
}
