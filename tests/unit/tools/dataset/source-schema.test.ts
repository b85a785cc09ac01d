import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../../src/errors.ts";
import { datasetAggregate } from "../../../../tools/dataset/aggregate.ts";
import { datasetFilter } from "../../../../tools/dataset/filter.ts";
import { datasetJoin } from "../../../../tools/dataset/join.ts";
import { datasetLoad } from "../../../../tools/dataset/load.ts";
import { datasetSave } from "../../../../tools/dataset/save.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import { type Answer, ask } from "./ask.ts";

/** Names that every object inherits something by. */
const rows = [
  { constructor: "Ada", prototype: 1, toString: null, hasOwnProperty: "x" },
  { constructor: "Bob", prototype: 2, toString: true, hasOwnProperty: "y" },
];
const target = { path: "out.csv" };

describe("rows in a call", () => {
  it("keep their columns, whatever they are named, into every format and back", async (t) => {
    const { run } = await createToolScene(t);
    for (const end of ["json", "ndjson", "csv", "parquet"]) {
      const path = `x.${end}`;
      await run(datasetSave, { rows, target: { path } });

      const loaded = (await run(datasetLoad, { source: { path } })) as Answer;

      assertEquals([end, loaded.rows], [end, rows]);
    }
  });

  it("keep their columns, whatever they are named, in answers", async (t) => {
    const where = { column: "constructor", op: "eq", value: "Bob" };
    const filtered = await ask(t, datasetFilter, { source: { rows }, where });
    assertEquals(filtered.rows, rows.slice(1));

    const on = [{ left: "constructor", right: "constructor" }];
    const right = { rows: [{ constructor: "Ada", prototype: 3 }] };
    const joined = await ask(t, datasetJoin, { left: { rows }, right, on });
    assertEquals(joined.rows, [{ ...rows[0], right_prototype: 3 }]);

    const metrics = [{ op: "sum", column: "prototype", as: "prototype" }];
    const groups = { source: { rows }, groupBy: ["constructor"], metrics };
    assertEquals((await ask(t, datasetAggregate, groups)).rows, [
      { constructor: "Ada", prototype: 1 },
      { constructor: "Bob", prototype: 2 },
    ]);
  });

  it("may have no column that would change what the row inherits", () => {
    const message = 'no column may be named "__proto__"';
    const polluted = [rows[0], JSON.parse('{"__proto__":{"isAdmin":true}}')];
    const metrics = [{ op: "count", as: "__proto__" }];

    assertThrows(
      () => datasetSave.parse({ rows: polluted, target }),
      InputError,
      `/rows/1: ${message}`,
    );
    assertThrows(
      () => datasetAggregate.parse({ source: { rows }, metrics }),
      InputError,
      `/metrics/0/as: ${message}`,
    );
  });

  it("are objects, for those who ask and those who send", () => {
    for (const row of [1, null, "x", [1]]) {
      const save = (): unknown => datasetSave.parse({ rows: [row], target });
      assertThrows(save, InputError, "/rows/0: a row must be an object");
    }
    const { properties } = datasetSave.inputSchema as {
      properties: { rows: { items: { type: string } } };
    };
    assertEquals(properties.rows.items.type, "object");
  });
});
