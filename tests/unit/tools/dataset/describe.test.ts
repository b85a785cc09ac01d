import { writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { datasetDescribe } from "../../../../tools/dataset/describe.ts";
import { createToolScene } from "../../../support/tool-context.ts";
import type { Rows } from "./ask.ts";

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
