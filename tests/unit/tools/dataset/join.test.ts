import { readFile, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { datasetJoin } from "../../../../tools/dataset/join.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import { ask, type Rows } from "./ask.ts";

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
