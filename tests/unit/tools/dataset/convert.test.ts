import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { parquetMetadata } from "hyparquet";
import { AuthError, InputError } from "../../../../src/errors.ts";
import { datasetConvert } from "../../../../tools/dataset/convert.ts";
import { datasetLoad } from "../../../../tools/dataset/load.ts";
import { datasetSave } from "../../../../tools/dataset/save.ts";
import { createToolScene, type ToolScene } from "../../../support/tool-context.ts";

const people = [
  { name: "Ada", age: 36, height: 1.65, isMember: true, note: null },
  { name: 'Grace, "Amazing"\nHopper', age: 85, height: 1.7, isMember: false, note: "007" },
  { name: "", age: -4_000_000_000, height: 2, isMember: null, note: "💡" },
];

interface Loaded {
  readonly format: string;
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
  readonly truncated: boolean;
  readonly totalRows?: number;
}

const load = async ({ run }: ToolScene, path: string, limit = 10_000): Promise<Loaded> =>
  (await run(datasetLoad, { source: { path }, limit })) as Loaded;

const convert = (
  { run }: ToolScene,
  from: string,
  to: string,
  overwrite = false,
): Promise<unknown> =>
  run(datasetConvert, { source: { path: from }, target: { path: to }, overwrite });

describe("dataset_save and dataset_load", () => {
  for (const end of ["json", "ndjson", "jsonl", "csv", "parquet"]) {
    it(`give back from .${end} the rows that were saved`, async (t) => {
      const scene = await createToolScene(t);
      const path = `people.${end}`;

      const saved = await scene.run(datasetSave, { rows: people, target: { path } });

      const { size: sizeBytes } = new Blob([await readFile(join(scene.folder, path))]);
      const format = end === "jsonl" ? "ndjson" : end;
      assertEquals(saved, { path, format, rows: 3, sizeBytes });
      assertEquals(await load(scene, path), {
        format,
        columns: ["name", "age", "height", "isMember", "note"],
        rows: people,
        truncated: false,
        totalRows: 3,
      });
    });

    it(`keep the columns of .${end} in order, and every column that any row has`, async (t) => {
      const scene = await createToolScene(t);
      const rows = [{ b: 1 }, { a: "x" }, { b: 2, c: true }];
      await scene.run(datasetSave, { rows, target: { path: `x.${end}` } });

      const loaded = await load(scene, `x.${end}`);

      assertEquals(loaded.columns, ["b", "a", "c"]);
      assertEquals(
        loaded.rows.map((row) => row.b ?? null),
        [1, null, 2],
      );
    });
  }

  it("keep nested and mixed values in Parquet, as types that other programs know", async (t) => {
    const scene = await createToolScene(t);
    const rows = [
      { mixed: 1, nested: { deep: [1, { x: null }] }, int: 1, long: 2 ** 40, none: null },
      { mixed: "1", nested: [], int: 2, long: 1, none: null },
      { mixed: true, nested: null, int: null, long: null, none: null },
    ];
    await scene.run(datasetSave, { rows, target: { path: "x.parquet" } });

    assertEquals((await load(scene, "x.parquet")).rows, rows);
    const bytes = await readFile(join(scene.folder, "x.parquet"));
    const [, ...elements] = parquetMetadata(Uint8Array.from(bytes).buffer).schema;
    assertEquals(
      elements.map(({ type, converted_type }) => converted_type ?? type),
      ["JSON", "JSON", "INT32", "INT64", "UTF8"],
    );
  });

  it("show some rows of many, and say that there are more", async (t) => {
    const scene = await createToolScene(t);
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id }));
    await scene.run(datasetSave, { rows, target: { path: "many.csv" } });
    await scene.run(datasetSave, { rows, target: { path: "many.parquet" } });

    const fromCsv = await load(scene, "many.csv", 3);
    const fromParquet = await load(scene, "many.parquet", 3);
    const all = await load(scene, "many.csv", 5000);

    assertEquals(fromCsv.rows, [{ id: 0 }, { id: 1 }, { id: 2 }]);
    assertEquals([fromCsv.truncated, fromCsv.totalRows], [true, undefined]);
    assertEquals([fromParquet.truncated, fromParquet.totalRows], [true, 5000]);
    assertEquals([all.rows.length, all.truncated, all.totalRows], [5000, false, 5000]);
  });

  it("take the format by name where the file's name does not tell it", async (t) => {
    const scene = await createToolScene(t);
    const target = { path: "data.txt", format: "csv" };
    await scene.run(datasetSave, { rows: [{ a: 1 }], target });

    assertEquals(await readFile(join(scene.folder, "data.txt"), "utf8"), "a\n1\n");
    const loaded = (await scene.run(datasetLoad, { source: target })) as Loaded;
    assertEquals(loaded.rows, [{ a: 1 }]);
    await assertRejects(() => load(scene, "data.txt"), InputError, "does not tell its format");
  });

  it("save no rows, and load none", async (t) => {
    const scene = await createToolScene(t);
    for (const end of ["json", "ndjson", "parquet"]) {
      await scene.run(datasetSave, { rows: [], target: { path: `none.${end}` } });
      assertEquals((await load(scene, `none.${end}`)).totalRows, 0);
    }
  });
});

describe("dataset_convert", () => {
  it("keeps the rows from CSV to Parquet to NDJSON to JSON to CSV, whatever they are", {
    timeout: 60_000,
  }, async (t) => {
    const scene = await createToolScene(t);
    const cell = fc.oneof(
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      fc.constantFrom("1", "true", "", "null", '"', ",", "\n", "\r\n"),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null),
    );
    const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((n) => n !== "__proto__");
    const table = fc.uniqueArray(name, { minLength: 1, maxLength: 5 }).chain((columns) =>
      fc.array(fc.record(Object.fromEntries(columns.map((column) => [column, cell]))), {
        minLength: 1,
        maxLength: 20,
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        await scene.run(datasetSave, { rows, target: { path: "a.csv" }, overwrite: true });
        await convert(scene, "a.csv", "b.parquet", true);
        await convert(scene, "b.parquet", "c.ndjson", true);
        await convert(scene, "c.ndjson", "d.json", true);
        await convert(scene, "d.json", "e.csv", true);

        assertEquals(
          (await load(scene, "b.parquet")).rows,
          rows.map((row) => ({ ...row })),
        );
        assertEquals(
          (await load(scene, "c.ndjson")).rows,
          rows.map((row) => ({ ...row })),
        );
        assertEquals(
          await readFile(join(scene.folder, "e.csv"), "utf8"),
          await readFile(join(scene.folder, "a.csv"), "utf8"),
        );
      }),
      { numRuns: 15, seed: 20260101 },
    );
  });

  it("keeps the header of a CSV file without rows, also through Parquet", async (t) => {
    const scene = await createToolScene(t);
    await writeFile(join(scene.folder, "a.csv"), "x,y\n");
    await convert(scene, "a.csv", "b.parquet");
    await convert(scene, "b.parquet", "c.csv");

    assertEquals(await readFile(join(scene.folder, "c.csv"), "utf8"), "x,y\n");
  });

  it("replaces a file only where that is asked for, also the source itself", async (t) => {
    const scene = await createToolScene(t);
    await writeFile(join(scene.folder, "a.csv"), "x\r\n1\r\n");

    await assertRejects(() => convert(scene, "a.csv", "a.csv"), InputError, "overwrite: true");
    await convert(scene, "a.csv", "a.csv", true);

    assertEquals(await readFile(join(scene.folder, "a.csv"), "utf8"), "x\n1\n");
  });

  it("leaves no file behind when the data is broken, missing, or not what its name says", async (t) => {
    const scene = await createToolScene(t);
    await writeFile(join(scene.folder, "bad.csv"), `a,b\n${"1,2\n".repeat(100_000)}1,2,3\n`);
    await writeFile(join(scene.folder, "latin.csv"), new Uint8Array([97, 10, 0xe9, 10]));
    await writeFile(join(scene.folder, "not.parquet"), "PAR1 this is none");
    await writeFile(join(scene.folder, "cut.parquet"), new Uint8Array(3));
    const before = await readdir(scene.folder);
    const failures: readonly (readonly [string, string])[] = [
      ["bad.csv", "bad.csv, line 100002: 3 cells where the header names 2 columns"],
      ["latin.csv", "latin.csv is not UTF-8 text"],
      ["not.parquet", "not.parquet is no Parquet file"],
      ["cut.parquet", "cut.parquet is no Parquet file"],
      ["bat.csv", "did you mean bad.csv"],
    ];

    for (const [from, message] of failures) {
      await assertRejects(() => convert(scene, from, "out.json"), InputError, message);
    }
    await assertRejects(
      () => convert(scene, "bad.csv", "../out.json"),
      AuthError,
      "tools may use files in",
    );
    assertEquals(await readdir(scene.folder), before);
  });

  it("stops when it is told to, and leaves nothing", async (t) => {
    const controller = new AbortController();
    const reason = new Error("the caller is gone");
    const scene = await createToolScene(t, {
      signal: controller.signal,
      progress: () => controller.abort(reason),
    });
    await writeFile(join(scene.folder, "a.csv"), `a,b\n${"1,2\n".repeat(200_000)}`);

    const error = await assertRejects(() => convert(scene, "a.csv", "b.csv"));

    assertEquals(error, reason);
    assertEquals(await readdir(scene.folder), ["a.csv"]);
  });

  it("reports progress that only grows, also when it reads twice", async (t) => {
    const scene = await createToolScene(t);
    // More than is kept in memory between the two passes.
    const line = `1,${"x".repeat(1000)}\n`;
    await writeFile(join(scene.folder, "a.csv"), `a,b\n${line.repeat(20_000)}`);

    await convert(scene, "a.csv", "b.parquet");

    const { reports } = scene;
    const size = 20_000 * line.length + 4;
    assert(reports.length > 20 && reports.length <= 210, `${reports.length} reports`);
    assert(reports.every(({ done }, index) => done > (reports[index - 1]?.done ?? -1)));
    assertEquals(reports.at(-1), { done: 2 * size, total: 2 * size });
  });
});
