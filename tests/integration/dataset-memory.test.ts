/** A file much larger than what may be held is converted in bounded memory. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { host } from "#host";
import { datasetConvert } from "../../tools/dataset/convert.ts";
import { createToolScene, type ToolScene } from "../support/tool-context.ts";

const MiB = 1024 * 1024;
const FILE_MIB = 100;
/**
 * Converting 160 MiB grew by 0 to 300 MiB when measured, most of it what V8 had not yet collected on a
 * busy machine; all rows held take 910 (Deno) to 1540 (Bun), and those of 100 MiB, by proportion, 570 to 960.
 */
const MAX_GROWTH_BYTES = 450 * MiB;

async function writeSales(path: string): Promise<number> {
  const output = createWriteStream(path);
  output.write("id,name,city,amount,at,note\n");
  let id = 0;
  for (let bytes = 0; bytes < FILE_MIB * MiB; ) {
    let lines = "";
    for (let count = 0; count < 1000; count += 1, id += 1) {
      const city = id % 7 === 0 ? '"São, Paulo"' : "Berlin";
      lines += `${id},name ${id % 977},${city},${(id * 7919) % 100_000},2026-01-01T12:00:00Z,a plain text\n`;
    }
    bytes += lines.length;
    if (!output.write(lines)) await once(output, "drain");
  }
  output.end();
  await once(output, "finish");
  return id;
}

/** The formats are the same code everywhere; of a host it is its files that differ, by rows and by blocks. */
const FORMATS = host.name === "node" ? ["ndjson", "json", "csv", "parquet"] : ["ndjson", "parquet"];

describe(`dataset_convert on a file of ${FILE_MIB} MiB`, () => {
  let scene: ToolScene;
  let rows = 0;
  let peak = 0;
  let clean = async (): Promise<void> => {};
  before(
    async () => {
      const keep = (remove: typeof clean): void => {
        clean = remove;
      };
      const progress = (): void => {
        peak = Math.max(peak, process.memoryUsage().rss);
      };
      scene = await createToolScene({ after: keep }, { progress });
      rows = await writeSales(join(scene.folder, "sales.csv"));
    },
    { timeout: 60_000 },
  );
  after(() => clean());

  for (const end of FORMATS) {
    it(`makes .${end} without holding the rows`, { timeout: 120_000 }, async () => {
      const begun = process.memoryUsage().rss;
      peak = 0;

      const written = (await scene.run(datasetConvert, {
        source: { path: "sales.csv" },
        target: { path: `out.${end}` },
      })) as { rows: number; sizeBytes: number };

      const grown = peak - begun;
      assert(peak > 0, "no progress was reported");
      assert(grown < MAX_GROWTH_BYTES, `memory grew by ${Math.round(grown / MiB)} MiB`);
      assertEquals(written.rows, rows);
      assertEquals((await stat(join(scene.folder, `out.${end}`))).size, written.sizeBytes);
    });
  }
});
