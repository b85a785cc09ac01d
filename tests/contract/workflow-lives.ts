/** How a run is paused, survives, is repeated and forgotten, over any store. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { cancelRun, pause, resume, tell } from "../../src/workflow/commands.ts";
import { scenesOver, tools } from "./workflow-setup.ts";

/** Declare the suite over one store; `open` gives a new, empty one. */
export function testWorkflowLives(name: string, open: () => Promise<QueueStore>): void {
  describe(`the life of a workflow in ${name}`, () => {
    const createScene = scenesOver(open);

    it("is forgotten with everything that it was made of, when its time is over", async () => {
      const scene = await createScene(tools);
      const each = { over: [1, 2], node: { tool: "double", input: { n: "$item" } } };
      const loop = {
        node: { tool: "add", input: { a: 1, b: 1 } },
        until: "$last.sum == 2",
        max: 3,
      };
      const id = await scene.submit({
        name: "parts",
        nodes: [
          { id: "each", map: each },
          { id: "again", loop },
          { id: "inner", sub: { workflow: { name: "inner", nodes: [{ id: "deep", map: each }] } } },
        ],
      });
      await scene.work();
      assertEquals((await scene.run(id)).state, "done");

      await scene.clock.advance(3_600_000 + 1);
      await scene.queue.prune();

      assertEquals(await scene.queue.list({ limit: 100 }), []);
    });

    it("begins nothing while it is paused, and ends when it is cancelled", async () => {
      const scene = await createScene(tools);
      const chain = {
        name: "chain",
        nodes: [
          { id: "a", tool: "add", input: { a: 1, b: 1 }, compensate: { tool: "undo" } },
          { id: "b", tool: "add", input: { a: "$a.result.sum", b: 1 } },
          { id: "c", wait: { signal: "never" }, after: ["b"] },
        ],
      };
      const id = await scene.submit(chain);
      await scene.queue.run((set) => pause(set, id));
      await scene.work();
      assertEquals(
        [await scene.node(id, "a"), await scene.node(id, "b")],
        [["done", { sum: 2 }], ["pending"]],
      );

      await scene.queue.run((set) => resume(set, id));
      await scene.work();
      assertEquals((await scene.node(id, "c"))[0], "scheduled");
      const { stopped } = await scene.queue.run((set) =>
        cancelRun(set, id, { reason: "enough", compensates: true }),
      );
      await scene.work();

      const { state, error } = await scene.run(id);
      assertEquals([state, error?.message, stopped], ["cancelled", "enough", ["c"]]);
      assertEquals(scene.calls.at(-1), "undo({})");
    });

    it("goes on after a crash where it was", async () => {
      const scene = await createScene(tools);
      const id = await scene.submit({
        name: "long",
        nodes: [
          { id: "a", tool: "add", input: { a: 1, b: 1 } },
          {
            id: "within",
            sub: {
              workflow: {
                name: "w",
                nodes: [{ id: "x", tool: "add", input: { a: "$input", b: 1 } }],
              },
              input: "$a.result.sum",
            },
          },
          {
            id: "each",
            map: { over: [1, 2], node: { tool: "double", input: { n: "$item" } } },
            after: ["within"],
          },
        ],
      });

      await scene.reopen();
      await scene.work();

      assertEquals((await scene.run(id)).result, { each: [{ n: 2 }, { n: 4 }] });
    });

    it("that repeats another takes over what did not change", async () => {
      const scene = await createScene(tools);
      const within = {
        name: "in",
        nodes: [{ id: "x", tool: "add", input: { a: "$input", b: 0 } }],
      };
      const workflow = (b: number) => ({
        name: "repeat",
        nodes: [
          { id: "same", tool: "add", input: { a: 1, b: 1 } },
          { id: "ask", wait: { approval: "Go on?" } },
          { id: "each", map: { over: [1, b], node: { tool: "double", input: { n: "$item" } } } },
          { id: "inner", sub: { workflow: within, input: "$same.result.sum" } },
          { id: "other", tool: "add", input: { a: "$same.result.sum", b }, after: ["ask"] },
        ],
      });
      const first = await scene.submit(workflow(1));
      const yes = { node: "ask", payload: { approved: true }, isApproval: true };
      await scene.queue.run((set) => tell(set, first, yes));
      await scene.work();
      const before = scene.calls.length;

      const second = await scene.submit(workflow(2), {}, { reuse: { run: first, except: [] } });
      await scene.work();

      const { state, result } = await scene.run(second);
      assertEquals(state, "done");
      assertEquals((result as { readonly other: unknown }).other, { sum: 4 });
      assertEquals(scene.calls.slice(before).sort(), ['add({"a":2,"b":2})', 'double({"n":2})']);
    });
  });
}
