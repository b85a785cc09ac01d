import { readFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { ToolError } from "../../../../src/errors.ts";
import { datasetJoin } from "../../../../tools/dataset/join.ts";
import { datasetSort } from "../../../../tools/dataset/sort.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import { type Answer, ask, sales } from "./ask.ts";

describe("dataset_sort", () => {
  it("orders by several columns, null last in both directions", async (t) => {
    const by = [{ column: "city" }, { column: "amount", descending: true }];
    const { rows } = await ask(t, datasetSort, { source: { rows: sales }, by });
    assertEquals(
      rows.map((row) => row.amount),
      [null, 20, 10, 30],
    );

    const amounts = async (descending: boolean): Promise<unknown[]> => {
      const by = [{ column: "amount", descending }];
      return (await ask(t, datasetSort, { source: { rows: sales }, by })).rows.map(
        (row) => row.amount,
      );
    };
    assertEquals(await amounts(false), [10, 20, 30, null]);
    assertEquals(await amounts(true), [30, 20, 10, null]);
  });

  it("keeps the first rows of any number, stable, as a full sort would", async (t) => {
    const { run, folder } = await createToolScene(t);
    const anyRows = fc.array(fc.record({ a: fc.option(fc.nat(5)), b: fc.nat(3) }), {
      maxLength: 80,
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 10 }), async (values, limit) => {
        const rows = values.map((value, id) => ({ ...value, id }));
        const by = [{ column: "a", descending: true }, { column: "b" }];
        const expected = rows.toSorted(
          (x, y) => (y.a ?? -1) - (x.a ?? -1) || x.b - y.b || x.id - y.id,
        );

        const top = (await run(datasetSort, { source: { rows }, by, limit })) as Answer;
        count += 1;
        const target = { path: `${count}.json` };
        await run(datasetSort, { source: { rows }, by, target });

        assertEquals(top.rows, expected.slice(0, limit));
        assertEquals([top.totalRows, top.truncated], [rows.length, rows.length > limit]);
        assertEquals(JSON.parse(await readFile(pathOf(folder, target.path), "utf8")), expected);
      }),
      { numRuns: 50, seed: 20260101 },
    );
  });

  it("refuses to hold more rows than fit, and says what to do", async (t) => {
    const { run } = await createToolScene(t);
    const text = "x".repeat(14_000);
    const source = { rows: Array.from({ length: 10_000 }, () => ({ a: text })) };
    const by = [{ column: "a" }];

    await assertRejects(
      () => run(datasetSort, { source, by, target: { path: "out.csv" } }),
      ToolError,
      "filter it first, or ask for the first rows by limit",
    );
    assertEquals(((await run(datasetSort, { source, by, limit: 2 })) as Answer).totalRows, 10_000);
    const sides = { left: { rows: [{ a: 1 }] }, right: source, on: [{ left: "a", right: "a" }] };
    await assertRejects(() => run(datasetJoin, sides), ToolError, "swap the sides");
  });
});
