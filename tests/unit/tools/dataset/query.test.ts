import { readFile, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InputError, ToolError } from "../../../../src/errors.ts";
import type { Tool } from "../../../../src/registry/definition.ts";
import { datasetAggregate } from "../../../../tools/dataset/aggregate.ts";
import { datasetDescribe } from "../../../../tools/dataset/describe.ts";
import { datasetFilter } from "../../../../tools/dataset/filter.ts";
import { datasetJoin } from "../../../../tools/dataset/join.ts";
import { tools } from "../../../../tools/dataset/mod.ts";
import { datasetSort } from "../../../../tools/dataset/sort.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

type Rows = readonly Record<string, unknown>[];
interface Answer {
  readonly rows: Rows;
  readonly totalRows: number;
  readonly truncated: boolean;
  readonly file?: { readonly path: string; readonly rows: number };
}

const sales: Rows = [
  { city: "Oslo", amount: 10, code: "A1" },
  { city: "Rome", amount: 30, code: "b2" },
  { city: "Oslo", amount: 20, code: null },
  { city: "Lima", amount: null, code: "A10" },
];

async function ask(t: Cleanup, tool: Tool, input: Record<string, unknown>): Promise<Answer> {
  const { run } = await createToolScene(t);
  return (await run(tool, input)) as Answer;
}

describe("dataset_filter", () => {
  const kept = async (t: Cleanup, where: unknown, rows = sales): Promise<unknown[]> =>
    (await ask(t, datasetFilter, { source: { rows }, where })).rows.map((row) =>
      rows.indexOf(rows.find((other) => JSON.stringify(other) === JSON.stringify(row)) ?? {}),
    );

  it("keeps rows by each operator", async (t) => {
    const cases: readonly (readonly [string, string, unknown, readonly number[]])[] = [
      ["city", "eq", "Oslo", [0, 2]],
      ["city", "ne", "Oslo", [1, 3]],
      ["amount", "lt", 20, [0]],
      ["amount", "le", 20, [0, 2]],
      ["amount", "gt", 10, [1, 2]],
      ["amount", "ge", 20, [1, 2]],
      ["city", "gt", "Oslo", [1]],
      ["amount", "in", [10, 30, "x"], [0, 1]],
      ["code", "contains", "1", [0, 3]],
      ["code", "startsWith", "A", [0, 3]],
      ["code", "endsWith", "2", [1]],
      ["code", "matches", "^[A-Z]\\d+$", [0, 3]],
      ["code", "isNull", undefined, [2]],
      ["code", "isNull", false, [0, 1, 3]],
      ["amount", "eq", null, [3]],
      ["amount", "gt", "5", []],
    ];
    for (const [column, op, value, expected] of cases) {
      assertEquals(await kept(t, { column, op, value }), [...expected], `${column} ${op} ${value}`);
    }
  });

  it("joins conditions by and, or and not", async (t) => {
    const oslo = { column: "city", op: "eq", value: "Oslo" };
    const large = { column: "amount", op: "gt", value: 15 };

    assertEquals(await kept(t, { and: [oslo, large] }), [2]);
    assertEquals(await kept(t, { or: [oslo, large] }), [0, 1, 2]);
    assertEquals(await kept(t, { not: { or: [oslo, large] } }), [3]);
    assertEquals(await kept(t, { and: [] }), [0, 1, 2, 3]);
  });

  it("compares a number with numbers in text", async (t) => {
    const rows = [{ a: "5" }, { a: "50" }, { a: "x" }];
    assertEquals(await kept(t, { column: "a", op: "ge", value: 6 }, rows), [1]);
    assertEquals(await kept(t, { column: "a", op: "eq", value: 5 }, rows), [0]);
  });

  it("never reaches what rows inherit", async (t) => {
    const { run, folder } = await createToolScene(t);
    await writeFile(pathOf(folder, "a.ndjson"), '{"a":1}\n{"a":2,"constructor":"x"}\n');
    const where = { column: "constructor", op: "isNull" };

    const { rows } = (await run(datasetFilter, { source: { path: "a.ndjson" }, where })) as Answer;

    assertEquals(rows, [{ a: 1 }]);
  });

  it("names the nearest column, before it reads or after", async (t) => {
    const { run, folder } = await createToolScene(t);
    await writeFile(pathOf(folder, "a.csv"), "city,amount\nOslo,1\n");
    const where = { column: "amuont", op: "gt", value: 1 };

    for (const source of [{ path: "a.csv" }, { rows: sales }]) {
      const error = await assertRejects(
        () => run(datasetFilter, { source, where }),
        InputError,
        "did you mean amount?",
      );
      assertEquals(error.data.nearest, ["amount"]);
    }
  });

  it("refuses a condition or source of another form", async (t) => {
    const { run } = await createToolScene(t);
    const filter = (source: unknown, where: unknown) => () => run(datasetFilter, { source, where });
    const rows = { rows: sales };

    await assertRejects(
      filter(rows, { column: "city", op: "like", value: "x" }),
      InputError,
      "/where",
    );
    await assertRejects(
      filter(rows, { column: "city", op: "in", value: "x" }),
      InputError,
      "a list",
    );
    await assertRejects(
      filter(rows, { column: "city", op: "lt", value: null }),
      InputError,
      '"lt"',
    );
    await assertRejects(
      filter(rows, { column: "city", op: "contains", value: 1 }),
      InputError,
      "text",
    );
    await assertRejects(
      filter(rows, { column: "code", op: "matches", value: "(a+)+" }),
      InputError,
    );
    await assertRejects(filter({}, { and: [] }), InputError, "/source");
    await assertRejects(filter({ path: "a.csv", rows: [] }, { and: [] }), InputError, "/source");
  });

  it("gives others a turn while a pattern works", async (t) => {
    const controller = new AbortController();
    const { run } = await createToolScene(t, { signal: controller.signal });
    const rows = Array.from({ length: 500 }, () => ({ a: "a".repeat(1500) }));
    const where = { column: "a", op: "matches", value: "a+b" };
    setTimeout(() => controller.abort(new Error("told to stop")), 1);

    await assertRejects(
      () => run(datasetFilter, { source: { rows }, where }),
      Error,
      "told to stop",
    );
  });

  it("answers with as many rows as asked, and writes all of them to a new file", async (t) => {
    const { run, folder } = await createToolScene(t);
    const where = { column: "city", op: "eq", value: "Oslo" };
    const source = { rows: sales };

    assertEquals(await run(datasetFilter, { source, where, limit: 1 }), {
      rows: [sales[0]],
      totalRows: 2,
      truncated: true,
    });
    const target = { path: "oslo.csv" };
    const answer = (await run(datasetFilter, { source, where, target })) as Answer;
    assertEquals([answer.rows, answer.totalRows, answer.file?.rows], [undefined, 2, 2]);
    assertEquals(
      await readFile(pathOf(folder, "oslo.csv"), "utf8"),
      "city,amount,code\nOslo,10,A1\nOslo,20,\n",
    );
    await assertRejects(() => run(datasetFilter, { source, where, target }), InputError, "already");
  });
});

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

describe("dataset_join", () => {
  const left: Rows = [
    { id: 1, v: "a" },
    { id: 2, v: "b" },
    { id: null, v: "c" },
    { id: 1, v: "d" },
  ];
  const right = [
    { key: 1, v: "x" },
    { key: 1, w: 5 },
    { key: 3, v: "y" },
    { key: null, v: "z" },
  ];
  const join = async (t: Cleanup, type: string): Promise<Rows> =>
    (
      await ask(t, datasetJoin, {
        left: { rows: left },
        right: { rows: right },
        on: [{ left: "id", right: "key" }],
        type,
      })
    ).rows;

  it("pairs rows that agree, and only those", async (t) => {
    assertEquals(await join(t, "inner"), [
      { id: 1, v: "a", right_v: "x", w: null },
      { id: 1, v: "a", right_v: null, w: 5 },
      { id: 1, v: "d", right_v: "x", w: null },
      { id: 1, v: "d", right_v: null, w: 5 },
    ]);
  });

  it("keeps rows of the left side with or without a partner, as asked", async (t) => {
    assertEquals(
      (await join(t, "left")).map(({ v, w }) => [v, w]),
      [
        ["a", null],
        ["a", 5],
        ["b", null],
        ["c", null],
        ["d", null],
        ["d", 5],
      ],
    );
    assertEquals(
      await join(t, "semi"),
      left.filter(({ v }) => v === "a" || v === "d"),
    );
    assertEquals(
      await join(t, "anti"),
      left.filter(({ v }) => v === "b" || v === "c"),
    );
  });

  it("agrees in all of several columns, and does not take 1 for the text 1", async (t) => {
    const rows = [
      { a: 1, b: 2 },
      { a: "1", b: 2 },
      { a: 12, b: null },
    ];
    const on = [
      { left: "a", right: "a" },
      { left: "b", right: "b" },
    ];
    const answer = await ask(t, datasetJoin, { left: { rows }, right: { rows: [rows[0]] }, on });
    assertEquals(answer.rows, [{ a: 1, b: 2 }]);
  });

  it("writes files of both sides to a file with the columns of both", async (t) => {
    const { run, folder } = await createToolScene(t);
    await writeFile(pathOf(folder, "l.csv"), "id,name\n1,Ada\n2,Bob\n");
    await writeFile(pathOf(folder, "r.ndjson"), '{"id":2,"age":5}\n');
    await run(datasetJoin, {
      left: { path: "l.csv" },
      right: { path: "r.ndjson" },
      on: [{ left: "id", right: "id" }],
      type: "left",
      target: { path: "out.csv" },
    });
    assertEquals(
      await readFile(pathOf(folder, "out.csv"), "utf8"),
      "id,name,age\n1,Ada,\n2,Bob,5\n",
    );
  });
});

/** Quantile names hold a dot, which would need quotes in a pattern. */
function renamed(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key.split(".")[0] ?? key, value]),
  );
}

describe("dataset_describe", () => {
  it("tells type, nulls, distinct values, range and mean of each column", async (t) => {
    const { run, folder } = await createToolScene(t);
    await writeFile(
      pathOf(folder, "a.csv"),
      'id,price,name,flag,empty,mix\n1,1.5,Ada,true,,1\n2,2.5,Bob,false,,"1"\n3,,Ada,true,,x\n',
    );
    const described = (await run(datasetDescribe, { source: { path: "a.csv" } })) as {
      totalRows: number;
      columns: Rows;
    };
    const exact = { distinctIsExact: true };

    assertEquals(described, {
      totalRows: 3,
      columns: [
        {
          name: "id",
          type: "integer",
          nulls: 0,
          distinct: 3,
          ...exact,
          min: 1,
          max: 3,
          mean: 2,
          examples: [1, 2, 3],
        },
        {
          name: "price",
          type: "number",
          nulls: 1,
          distinct: 2,
          ...exact,
          min: 1.5,
          max: 2.5,
          mean: 2,
          examples: [1.5, 2.5],
        },
        {
          name: "name",
          type: "text",
          nulls: 0,
          distinct: 2,
          ...exact,
          min: "Ada",
          max: "Bob",
          examples: ["Ada", "Bob"],
        },
        { name: "flag", type: "boolean", nulls: 0, distinct: 2, ...exact, examples: [true, false] },
        { name: "empty", type: "null", nulls: 3, distinct: 0, ...exact, examples: [] },
        { name: "mix", type: "mixed", nulls: 0, distinct: 3, ...exact, examples: [1, "1", "x"] },
      ],
    });
  });

  it("says when it stopped counting distinct values", async (t) => {
    const rows = Array.from({ length: 10_000 }, (_, id) => ({
      id,
      long: `${"x".repeat(200)}${id % 2}`,
    }));
    const { run, folder } = await createToolScene(t);
    await writeFile(pathOf(folder, "a.json"), JSON.stringify([...rows, { id: -1 }]));
    const { columns } = (await run(datasetDescribe, { source: { path: "a.json" } })) as {
      columns: Rows;
    };
    assertEquals(
      columns.map(({ distinct, distinctIsExact }) => [distinct, distinctIsExact]),
      [
        [10_000, false],
        [1, false],
      ],
    );
  });
});

describe("the category dataset", () => {
  it("has tools whose examples they accept, with short descriptions and an output schema", () => {
    for (const tool of tools) {
      assert(tool.name.startsWith("dataset_"));
      assert(tool.summary.length <= 100, `${tool.name}: ${tool.summary.length} characters`);
      assert(tool.outputSchema !== undefined && tool.inputSchema.type === "object");
      tool.parse(tool.example);
      assertThrows(() => tool.parse({ ...tool.example, sorce: 1 }), InputError, "sorce");
    }
    assertEquals(new Set(tools.map(({ name }) => name)).size, 8);
  });
});
