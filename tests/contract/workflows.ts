/** What each kind of node does, and how a run ends, over any store. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { tell } from "../../src/workflow/commands.ts";
import { eventually } from "../support/eventually.ts";
import { scenesOver, tools } from "./workflow-setup.ts";

/** Declare the suite over one store; `open` gives a new, empty one. */
export function testWorkflows(name: string, open: () => Promise<QueueStore>): void {
  describe(`a workflow in ${name}`, () => {
    const createScene = scenesOver(open);

    it("hands results on, and ends with what its last nodes came to", async () => {
      const scene = await createScene(tools);

      const id = await scene.submit(
        {
          name: "sum",
          nodes: [
            { id: "first", tool: "add", input: { a: "$input.a", b: 2 } },
            { id: "second", tool: "add", input: { a: "$first.result.sum", b: 10 } },
          ],
        },
        { a: 1 },
      );
      await scene.work();

      const { state, result } = await scene.run(id);
      assertEquals([state, result], ["done", { second: { sum: 13 } }]);
      assertEquals(scene.calls, ['add({"a":1,"b":2})', 'add({"a":3,"b":10})']);
    });
    it("goes over a list, so many items at once, and keeps their order", async () => {
      const scene = await createScene(tools);

      const id = await scene.submit({
        name: "map",
        nodes: [
          { id: "list", tool: "list", input: { count: 5 } },
          {
            id: "each",
            map: {
              over: "$list.result.items",
              maxParallel: 2,
              node: { tool: "double", input: { n: "$item", at: "$index" } },
            },
          },
          { id: "all", collect: { doubled: "$each.results", third: "$each.results[2].n" } },
        ],
        output: "$all.result",
      });
      await scene.work();

      assertEquals((await scene.run(id)).result, {
        doubled: [0, 2, 4, 6, 8].map((n) => ({ n })),
        third: 4,
      });
    });

    it("takes the first way whose condition holds, and skips the others and what follows them", async () => {
      const scene = await createScene(tools);
      const workflow = {
        name: "ways",
        nodes: [
          { id: "sum", tool: "add", input: { a: "$input", b: 0 } },
          {
            id: "choose",
            branch: [{ when: "$sum.result.sum > 10", then: "large" }, { else: ["small"] }],
          },
          { id: "large", collect: "large" },
          { id: "small", collect: "small" },
          { id: "after_large", collect: "after", after: ["large"] },
          { id: "end", collect: ["$large.result", "$small.result"], join: "none_failed" },
        ],
        output: "$end.result",
      };

      const [small, large] = [await scene.submit(workflow, 1), await scene.submit(workflow, 11)];
      await scene.work();

      assertEquals((await scene.run(small)).result, [null, "small"]);
      assertEquals((await scene.run(large)).result, ["large", null]);
      assertEquals(await scene.node(small, "after_large"), ["skipped"]);
      assertEquals(await scene.node(large, "after_large"), ["done", "after"]);
    });

    it("repeats until its condition holds, and fails where that takes too many rounds", async () => {
      const scene = await createScene(tools);
      const loop = (max: number) => ({
        name: "loop",
        nodes: [
          {
            id: "grow",
            loop: {
              node: { tool: "add", input: { a: "$index", b: "$last.sum" } },
              until: "$last.sum >= 3 && $index > 0",
              max,
            },
          },
        ],
      });
      const numbers = {
        ...tools,
        add: ({ a, b }: { a: number; b: number | null }) => ({ sum: a + (b ?? 0) }),
      };
      const other = await createScene(numbers);

      const [well, badly] = [await other.submit(loop(10)), await other.submit(loop(2))];
      await other.work();

      // 0, 1, 3: three rounds.
      assertEquals((await other.run(well)).result, { grow: { sum: 3 } });
      const { state, error } = await other.run(badly);
      assertEquals(state, "failed");
      assertMatch(error?.message ?? "", /did not hold after 2 rounds/);
      assertEquals(scene.calls, []);
    });

    it("runs another within it, written out or by its CID", async () => {
      const scene = await createScene(tools);
      const inner = {
        name: "inner",
        nodes: [{ id: "plus", tool: "add", input: { a: "$input.n", b: 1 } }],
        output: "$plus.result.sum",
      };
      const known = await scene.submit(inner, { n: 41 });
      await scene.work();
      const cid = (await scene.run(known)).flow as { readonly definition: string };

      const id = await scene.submit({
        name: "outer",
        nodes: [
          { id: "written", sub: { workflow: inner, input: { n: 1 } } },
          { id: "named", sub: { workflow: cid.definition, input: { n: "$written.result" } } },
          {
            id: "unknown",
            sub: { workflow: "bafyreigdmqpykrgxyaxtlafqpqhzrb7qy2rh75nldvfd4tucqmqqme5yje" },
            after: ["named"],
          },
        ],
      });
      await scene.work();

      assertEquals(await scene.node(id, "written"), ["done", 2]);
      assertEquals(await scene.node(id, "named"), ["done", 3]);
      const { state, error } = await scene.run(id);
      assertEquals(state, "failed");
      assertMatch(error?.message ?? "", /unknown failed: The workflow bafy\w+ is not known here/);
    });

    it("waits for a signal, for an approval, or for time, and remembers who was first", async () => {
      const scene = await createScene(tools);
      const id = await scene.submit({
        name: "waits",
        nodes: [
          { id: "go", wait: { signal: "start" } },
          { id: "ask", wait: { approval: "Publish?" } },
          { id: "pause", wait: { timeoutMs: 5_000 } },
          { id: "late", wait: { signal: "never", timeoutMs: 1_000 } },
          {
            id: "end",
            collect: ["$go.payload.n", "$ask.payload.approved", "$late.error.code"],
            join: "all_done",
            after: ["pause"],
          },
        ],
        output: "$end.result",
      });

      const signal = { node: "go", payload: { n: 7 }, isApproval: false };
      await scene.queue.run((set) => tell(set, id, signal));
      const again = scene.queue.run((set) => tell(set, id, { ...signal, payload: { n: 8 } }));
      await assertRejects(() => again, Error, "was told before");
      const wrong = scene.queue.run((set) => tell(set, id, { ...signal, node: "ask" }));
      await assertRejects(() => wrong, Error, "waits for an approval");
      await scene.queue.run((set) =>
        tell(set, id, { node: "ask", payload: { approved: true }, isApproval: true }),
      );
      await scene.clock.advance(1_000);
      assertEquals((await scene.run(id)).state, "scheduled");
      await scene.clock.advance(4_000);
      // A store that is another process answers in its own time, however far the clock is.
      const isOver = async (): Promise<boolean> => {
        await scene.clock.advance(1);
        return (await scene.run(id)).state === "done";
      };
      await eventually("the run is done", isOver);

      const { state, result } = await scene.run(id);
      assertEquals([state, result], ["done", [7, true, "deadline_exceeded"]]);
    });

    it("that fails undoes what it did, the last thing first", async () => {
      const scene = await createScene(tools);
      const undo = (what: string) => ({
        tool: "undo",
        input: { what, was: `$${what}.result.sum` },
      });
      const id = await scene.submit({
        name: "saga",
        nodes: [
          { id: "one", tool: "add", input: { a: 1, b: 0 }, compensate: undo("one") },
          {
            id: "two",
            tool: "add",
            input: { a: 2, b: 0 },
            after: ["one"],
            compensate: undo("two"),
          },
          { id: "three", tool: "fail", after: ["two"], compensate: undo("one") },
          { id: "four", tool: "add", input: { a: 4, b: 0 }, after: ["three"] },
        ],
      });

      await scene.work();

      const { state, error } = await scene.run(id);
      assertEquals([state, error?.data], ["failed", { node: "three", code: "tool_failed" }]);
      assertEquals(await scene.node(id, "four"), ["skipped"]);
      assertEquals(scene.calls.slice(-2), [
        'undo({"what":"two","was":2})',
        'undo({"what":"one","was":1})',
      ]);
    });

    it("keeps what undoes a node apart from a node within it that has that name", async () => {
      const scene = await createScene(tools);
      const inner = { name: "inner", nodes: [{ id: "undo", tool: "add", input: { a: 1, b: 1 } }] };
      const id = await scene.submit({
        name: "names",
        nodes: [
          { id: "a", sub: { workflow: inner }, compensate: { tool: "undo" } },
          { id: "b", tool: "fail", after: ["a"] },
        ],
      });

      await scene.work();

      assertEquals(await scene.node(id, "a.undo"), ["done", { sum: 2 }]);
      assertEquals(await scene.node(id, "a~undo"), ["done", {}]);
      const undo = scene.queue.resubmit(`${id}.b`, { newId: "again", isFresh: true });
      await assertRejects(() => undo, Error, "is part of a workflow");
    });

    it("does not fail by what a later node takes care of", async () => {
      const scene = await createScene(tools);
      const id = await scene.submit({
        name: "care",
        nodes: [
          { id: "risky", tool: "fail", input: { why: "no disk" } },
          { id: "fine", tool: "add", input: { a: 1, b: 1 } },
          { id: "any", collect: "$fine.result.sum", after: ["risky", "fine"], join: "one_success" },
          { id: "report", collect: "$risky.error.message", join: "all_done" },
        ],
      });

      await scene.work();

      const { state, result } = await scene.run(id);
      assertEquals([state, result], ["done", { any: 2, report: "no disk" }]);
    });
  });
}
