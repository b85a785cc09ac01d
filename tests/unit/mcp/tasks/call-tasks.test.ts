import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError, InputError, UnavailableError } from "../../../../src/errors.ts";
import { RpcFault } from "../../../../src/mcp/rpc-fault.ts";
import { type CallTasks, createCallTasks } from "../../../../src/mcp/tasks/call-tasks.ts";
import { TASKS_EXTENSION } from "../../../../src/mcp/tasks/names.ts";
import type { NewCallTask, TaskSource } from "../../../../src/mcp/tasks/task-source.ts";
import { localCaller } from "../../../../src/registry/caller.ts";
import type { Tool } from "../../../../src/registry/definition.ts";
import type { RegisteredTool } from "../../../../src/registry/registry.ts";
import { text } from "../../../../src/registry/result.ts";
import type { ToolCall } from "../../../../src/router/call.ts";

const knowing = { extensions: { [TASKS_EXTENSION]: {} } };

const toolOf = (more: Partial<Tool>): RegisteredTool => ({
  name: "job",
  category: "demo",
  tool: {
    name: "job",
    title: "Job",
    summary: "A job",
    description: "A job",
    inputSchema: {},
    annotations: {},
    routing: {},
    access: "read",
    parse: (input) => input,
    run: () => ({ content: [text("done")] }),
    ...more,
  },
});

const callOf = (more: Partial<ToolCall> = {}): ToolCall => ({
  tool: "job",
  input: { n: 1 },
  caller: localCaller,
  client: knowing,
  ...more,
});

interface Scene {
  readonly tasks: CallTasks;
  readonly submitted: NewCallTask[];
}

function scene(failure?: Error): Scene {
  const submitted: NewCallTask[] = [];
  const source: Pick<TaskSource, "submit"> = {
    async submit(call) {
      if (failure) throw failure;
      submitted.push(call);
      const at = "2026-01-01T00:00:00.000Z";
      return { id: "t1", state: "working", createdAt: at, updatedAt: at, ttlMs: null };
    },
  };
  const check = async ({ input }: ToolCall): Promise<{ readonly input: unknown }> => {
    if ((input as { n: number }).n === 0) throw new InputError("invalid_input", "n must not be 0");
    return { input };
  };
  // Nothing else of a source is asked when a task begins.
  return { tasks: createCallTasks({ source: source as TaskSource, check }), submitted };
}

describe("createCallTasks()", () => {
  it("concerns itself with tools that support tasks, for clients that know them", () => {
    const { tasks } = scene();
    const supports = [undefined, "optional", "required"] as const;
    const concern = (client: object): readonly boolean[] =>
      supports.map((taskSupport) =>
        tasks.concerns(toolOf(taskSupport ? { taskSupport } : {}), {
          caller: localCaller,
          client: { ...client },
        }),
      );
    assertEquals(concern(knowing), [false, true, true]);
    // The required one is refused, which is its concern, too.
    assertEquals(concern({}), [false, false, true]);
    assertEquals(concern({ extensions: { other: {} } }), [false, false, true]);
  });

  it("refuses a required tool to a client that does not know tasks", async () => {
    const { tasks, submitted } = scene();
    const target = toolOf({ taskSupport: "required" });
    await assertRejects(() => tasks.begin(target, callOf({ client: {} })), RpcFault, "declare");
    assertEquals(submitted, []);
  });

  it("leaves a required tool to peers as an ordinary call", () => {
    const { tasks } = scene();
    const peer = { isGeneral: true, tools: [], categories: [] };
    const caller = { id: "peer:a", grant: { ...localCaller.grant, peer } };
    const target = toolOf({ taskSupport: "required" });
    assertEquals(tasks.concerns(target, { caller, client: {} }), false);
    assertEquals(tasks.concerns(target, { caller, client: knowing }), true);
  });

  it("submits nothing that the call's own checks refuse", async () => {
    const { tasks, submitted } = scene();
    const target = toolOf({ taskSupport: "optional" });
    await assertRejects(() => tasks.begin(target, callOf({ input: { n: 0 } })), InputError);
    assertEquals(submitted, []);
  });

  it("asks first what must be known first, and hands the answers on", async () => {
    const { tasks, submitted } = scene();
    const target = toolOf({
      taskSupport: "required",
      asksFirst: (_, { inputResponses }) =>
        inputResponses?.name === undefined
          ? { content: [], resultType: "input_required", inputRequests: { name: {} } }
          : undefined,
    });
    const first = await tasks.begin(target, callOf());
    assertEquals(first?.resultType, "input_required");
    assertEquals(submitted, []);
    const said = { inputResponses: { name: "Ada" }, requestState: "asked" };
    const second = await tasks.begin(target, callOf(said));
    assertEquals(second?.resultType, "task");
    assertEquals(submitted[0]?.inputResponses, said.inputResponses);
    assertEquals(submitted[0]?.requestState, said.requestState);
  });

  it("begins no task where nothing is kept, and lets other failures be known", async () => {
    const target = toolOf({ taskSupport: "required" });
    for (const error of [
      new UnavailableError("runtime_unavailable", "no queue here"),
      new ConflictError("data_locked", "it belongs to process 1"),
    ]) {
      assertEquals(await scene(error).tasks.begin(target, callOf()), undefined);
    }
    const full = scene(new UnavailableError("queue_full", "full"));
    await assertRejects(() => full.tasks.begin(target, callOf()), UnavailableError, "full");
  });
});
