/** News of tasks for clients that listen, over HTTP and over a stream; and tasks that are not theirs. @module */

import { describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertExists } from "@std/assert";
import { host } from "#host";
import { localCaller } from "../../src/registry/caller.ts";
import { openHarness } from "../support/harness.ts";
import { modernMessage, post } from "../support/messages.ts";
import { CAPABLE, createTaskTools, type TaskClient, taskClientOf } from "../support/task-calls.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Messages as they come. */
interface Incoming {
  next(): Promise<Fields>;
  /** The next that tells of a task in this status. */
  status(status: string): Promise<Fields>;
  close(): Promise<void>;
}

const listenMessage = (notifications: Fields, capabilities: Fields = CAPABLE): Fields =>
  modernMessage(
    { jsonrpc: "2.0", id: "listening", method: "subscriptions/listen", params: { notifications } },
    capabilities,
  );

/** The types of the hosts disagree on what a decoder takes; they decode the same bytes. */
const textOf = (bytes: ReadableStream<Uint8Array>): ReadableStream<string> =>
  bytes.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>);

function incoming(next: () => Promise<Fields>, close: () => Promise<void>): Incoming {
  return {
    next,
    close,
    async status(status) {
      for (;;) {
        const { method, params } = await next();
        assertEquals(method, "notifications/tasks");
        if ((params as Fields).status === status) return params as Fields;
      }
    },
  };
}

/** The messages of an event stream. */
function eventsOf({ body }: Response): Incoming {
  assertExists(body);
  const reader = textOf(body).getReader();
  let unread = "";
  const next = async (): Promise<Fields> => {
    for (;;) {
      const end = unread.indexOf("\n\n");
      if (end >= 0) {
        const frame = unread.slice(0, end);
        unread = unread.slice(end + 2);
        const data = frame.split("\n").find((line) => line.startsWith("data: "));
        if (data) return JSON.parse(data.slice(6));
        continue;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error("the stream ended");
      unread += value;
    }
  };
  return incoming(next, () => reader.cancel());
}

interface Scene extends TaskClient {
  readonly tools: ReturnType<typeof createTaskTools>;
  begin(name: string): Promise<string>;
  listen(notifications: Fields, capabilities?: Fields): Promise<Incoming>;
  /** The same over lines. */
  listenOnStream(notifications: Fields, capabilities?: Fields): Promise<Incoming>;
}

async function open(t: TestContext): Promise<Scene> {
  const tools = createTaskTools();
  // The person at the stream is `local`; over HTTP there is only `anonymous`.
  const { app } = await openHarness(t, { categories: [tools.category], files: host.files });
  const client = taskClientOf(app.fetch);
  return {
    ...client,
    tools,
    begin: async (name) => String((await client.ask("tools/call", { name, arguments: {} })).taskId),
    async listen(notifications, capabilities) {
      const response = await app.fetch(post(listenMessage(notifications, capabilities)));
      assertEquals(response.headers.get("content-type"), "text/event-stream");
      const events = eventsOf(response);
      t.after(() => events.close());
      return events;
    },
    async listenOnStream(notifications, capabilities) {
      const input = new TransformStream<Uint8Array, Uint8Array>();
      const output = new TransformStream<Uint8Array, Uint8Array>();
      const caller = { ...localCaller, id: "anonymous" };
      const served = app.serveStream(input.readable, output.writable, caller);
      const writer = input.writable.getWriter();
      const line = `${JSON.stringify(listenMessage(notifications, capabilities))}\n`;
      await writer.write(new TextEncoder().encode(line));
      const reader = textOf(output.readable).getReader();
      let unread = "";
      const next = async (): Promise<Fields> => {
        while (!unread.includes("\n")) unread += (await reader.read()).value ?? "";
        const end = unread.indexOf("\n");
        const message = JSON.parse(unread.slice(0, end));
        unread = unread.slice(end + 1);
        return message;
      };
      t.after(async () => {
        await writer.close();
        await Promise.all([served, reader.cancel()]);
      });
      return incoming(next, async () => {});
    },
  };
}

for (const way of ["listen", "listenOnStream"] as const) {
  describe(`news of tasks by ${way}`, () => {
    it("begin with how a task stands, and end with its result", async (t) => {
      const scene = await open(t);
      const taskId = await scene.begin("hold");
      await scene.tools.started;
      const news = await scene[way]({ taskIds: [taskId, "nobody's"] });
      const ack = await news.next();
      assertEquals(ack.method, "notifications/subscriptions/acknowledged");
      const { notifications } = ack.params as { notifications: Fields };
      assertEquals(notifications, { taskIds: [taskId] });
      const first = await news.status("working");
      assertEquals(first.taskId, taskId);
      const meta = first._meta as Fields;
      assertEquals(meta["io.modelcontextprotocol/subscriptionId"], "listening");
      scene.tools.finish("told");
      const last = await news.status("completed");
      const got = await scene.ask("tasks/get", { taskId });
      const { _meta: _, ...told } = last;
      const { _meta, resultType, ...asked } = got;
      assertEquals(resultType, "complete");
      assertEquals(told, asked);
    });

    it("carry the questions of a task", async (t) => {
      const scene = await open(t);
      const taskId = await scene.begin("ask_both");
      const news = await scene[way]({ taskIds: [taskId] });
      await news.next();
      const { inputRequests } = await news.status("input_required");
      assertEquals(Object.keys(inputRequests as object).length, 2);
    });

    it("come beside what the core tells", async (t) => {
      const scene = await open(t);
      const taskId = await scene.begin("large");
      const filter = {
        toolsListChanged: true,
        resourceSubscriptions: ["test://a"],
        taskIds: [taskId],
      };
      const news = await scene[way](filter);
      const { params } = await news.next();
      const { notifications } = params as { notifications: Fields };
      assertEquals(notifications.resourceSubscriptions, ["test://a"]);
      assert("taskIds" in notifications);
    });
  });
}

describe("listening for tasks", () => {
  it("is refused to a client that does not declare the extension", async (t) => {
    const { answer } = await open(t);
    const { status, error } = await answer(
      "subscriptions/listen",
      { notifications: { taskIds: ["some"] } },
      {},
    );
    assertEquals([status, error?.code], [400, -32021]);
    const scene = await open(t);
    const stream = await scene.listenOnStream({ taskIds: ["some"] }, {});
    assertEquals(((await stream.next()).error as { code: number }).code, -32021);
  });
});

describe("tasks of one caller", () => {
  it("are for no other caller there, not even for an administrator", async (t) => {
    const tools = createTaskTools();
    const { app } = await openHarness(t, { categories: [tools.category], files: host.files });
    const one = taskClientOf(app.fetch);
    const { taskId } = await one.ask("tools/call", { name: "ask_both", arguments: {} });
    const id = String(taskId);
    await one.until(id, "input_required");
    const ask = async (method: string): Promise<unknown> => {
      const input = new TransformStream<Uint8Array, Uint8Array>();
      const output = new TransformStream<Uint8Array, Uint8Array>();
      const served = app.serveStream(input.readable, output.writable, localCaller);
      const writer = input.writable.getWriter();
      const params = { taskId: id, inputResponses: { "1.left": { action: "accept" } } };
      const message = modernMessage({ jsonrpc: "2.0", id: 1, method, params }, CAPABLE);
      await writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
      const reader = textOf(output.readable).getReader();
      const { value = "" } = await reader.read();
      await writer.close();
      await Promise.all([served, reader.cancel()]);
      return JSON.parse(value).error?.code;
    };
    for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
      assertEquals(await ask(method), -32602, method);
    }
    const { status, inputRequests } = await one.ask("tasks/get", { taskId: id });
    assertEquals([status, Object.keys(inputRequests as object).length], ["input_required", 2]);
  });
});
