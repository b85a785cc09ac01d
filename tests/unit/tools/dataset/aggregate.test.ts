import { writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError, ToolError } from "../../../../src/errors.ts";
import { datasetAggregate } from "../../../../tools/dataset/aggregate.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import { ask, sales } from "./ask.ts";

describe("dataset_aggregate", () => {
  it("computes every operation, by group and over all", async (t) => {
    const rows = [1, 2, 3, 4].map((x) => ({ g: x % 2, x })).concat([{ g: 0, x: null as never }]);
    const metrics = [
      { op: "count" },
      { op: "count", column: "x" },
      { op: "sum", column: "x" },
      { op: "mean", column: "x" },
      { op: "min", column: "x" },
      { op: "max", column: "x" },
      { op: "stddev", column: "x" },
      { op: "countDistinct", column: "x" },
      { op: "quantile", column: "x", as: "median" },
      { op: "quantile", column: "x", quantile: 0.9 },
    ];
    const all = await ask(t, datasetAggregate, { source: { rows }, metrics });
    const { quantile_0, ...rest } = renamed(all.rows[0] ?? {});
    assertEquals(rest, {
      count: 5,
      count_x: 4,
      sum_x: 10,
      mean_x: 2.5,
      min_x: 1,
      max_x: 4,
      stddev_x: Math.sqrt(5 / 3),
      countDistinct_x: 4,
      median: 2.5,
    });
    assert(Math.abs(Number(quantile_0) - 3.7) < 1e-12);

    const grouped = await ask(t, datasetAggregate, {
      source: { rows },
      groupBy: ["g"],
      metrics: [{ op: "sum", column: "x" }, { op: "count" }],
    });
    assertEquals(grouped.rows, [
      { g: 1, sum_x: 4, count: 2 },
      { g: 0, sum_x: 6, count: 3 },
    ]);
  });

  it("has nothing to say of columns without values", async (t) => {
    const metrics = ["sum", "mean", "min", "stddev", "quantile"].map((op) => ({
      op,
      column: "x",
      as: op,
    }));
    const { rows } = await ask(t, datasetAggregate, { source: { rows: [{ x: null }] }, metrics });
    assertEquals(rows, [{ sum: 0, mean: null, min: null, stddev: null, quantile: null }]);
  });

  it("adds without losing what is small", async (t) => {
    const rows = [1e100, 1, -1e100].map((x) => ({ x }));
    const metrics = [{ op: "sum", column: "x" }];
    assertEquals((await ask(t, datasetAggregate, { source: { rows }, metrics })).rows, [
      { sum_x: 1 },
    ]);
  });

  it("refuses text where numbers are needed, columns twice, and a metric without column", async (t) => {
    const { run } = await createToolScene(t);
    const aggregate = (metrics: unknown) => () =>
      run(datasetAggregate, { source: { rows: sales }, metrics });

    await assertRejects(aggregate([{ op: "sum", column: "city" }]), InputError, 'holds "Oslo"');
    await assertRejects(aggregate([{ op: "count" }, { op: "count" }]), InputError, "as");
    await assertRejects(aggregate([{ op: "sum" }]), InputError, "give the column");
    await assertRejects(aggregate([{ op: "sum", column: "amont" }]), InputError, "amount");
  });

  it("refuses more groups than an answer can use", async (t) => {
    const { run, folder } = await createToolScene(t);
    const lines = Array.from({ length: 100_001 }, (_, id) => id).join("\n");
    await writeFile(pathOf(folder, "a.csv"), `id\n${lines}\n`);
    const input = { source: { path: "a.csv" }, groupBy: ["id"], metrics: [{ op: "count" }] };

    await assertRejects(() => run(datasetAggregate, input), ToolError, "100000 groups");
  });
});

/** Quantile names hold a dot, which would need quotes in a pattern. */
function renamed(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key.split(".")[0] ?? key, value]),
  );
}
