import { readFile, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../../src/errors.ts";
import { datasetFilter } from "../../../../tools/dataset/filter.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import { type Answer, ask, sales } from "./ask.ts";

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
      filter(rows, { column: "code", op: "matches", value: "(?=a)" }),
      InputError,
    );
    await assertRejects(filter({}, { and: [] }), InputError, "/source");
    await assertRejects(filter({ path: "a.csv", rows: [] }, { and: [] }), InputError, "/source");
  });

  it("gives others a turn while a pattern works", async (t) => {
    const controller = new AbortController();
    const { run } = await createToolScene(t, { signal: controller.signal });
    const rows = Array.from({ length: 500 }, () => ({ a: "a".repeat(1500) }));
    const where = { column: "a", op: "matches", value: "^a{1,200}[bc]" };
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
