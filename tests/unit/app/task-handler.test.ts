import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { taskHandler } from "../../../src/app/task-handler.ts";
import type { Engine } from "../../../src/mcp/engine.ts";
import type { LeasedTask } from "../../../src/queue/task-source.ts";
import { localCaller } from "../../../src/registry/caller.ts";

const task: LeasedTask = {
  ...{ id: "t", token: { epoch: 1, attempt: 1 }, kind: "tool", tool: "add", input: { a: 1 } },
  ...{ timeoutMs: 1_000, attempts: 1, caller: { id: "ada", grant: null }, idempotencyKey: "k" },
};

/** The category in which a leased call is looked for. */
async function categoryOf(homeOf?: (tool: string) => string | undefined): Promise<unknown> {
  const calls: Parameters<Engine["run"]>[0][] = [];
  const engine = {
    async run(call: Parameters<Engine["run"]>[0]) {
      calls.push(call);
      return { content: [] };
    },
  };
  const lookup = { resolve: () => Promise.reject(new Error("nothing is looked up")) };
  const handler = taskHandler({ engine, lookup }, {}, () => localCaller, homeOf);
  const signal = new AbortController().signal;
  await handler(task, { signal, progress: () => {}, log: () => {} });
  return calls[0]?.category;
}

describe("the handler of a worker's tasks", () => {
  it("calls its own tool where the owner of the queue offers one of that name to peers", async () => {
    assertEquals(await categoryOf((tool) => (tool === "add" ? "tools" : undefined)), "tools");
  });

  it("leaves to the name what has one home", async () => {
    assertEquals(await categoryOf(), undefined);
  });
});
