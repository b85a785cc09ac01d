/** `mcpp` as one file, without a host or a package installed. */

import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileWithBun, compileWithDeno } from "../../scripts/binaries.ts";
import { VERSION } from "../../src/version.ts";
import { run } from "../support/package.ts";
import { createTempFolder } from "../support/temp-folder.ts";

describe("the binaries", () => {
  it("answer --version and a call, compiled by Bun", async (t) => {
    const folder = await createTempFolder(t);
    const mcpp = compileWithBun(folder);

    const version = run([mcpp, "--version"], { cwd: folder });
    const params = '{"source":{"rows":[{"city":"Bern"},{"city":"Chur"}]}}';
    const called = run([mcpp, "call", "dataset_describe", "--params", params], { cwd: folder });

    assertEquals(version.stdout.trim(), VERSION);
    assertEquals(called.code, 0, called.stderr);
    assertEquals(JSON.parse(called.stdout).totalRows, 2);
  });

  it("need the bundle first, where Deno compiles it", async (t) => {
    const folder = await createTempFolder(t);

    const error = assertThrows(() => compileWithDeno(join(folder, "nowhere")), Error);

    assert(error.message.includes("npm run build"));
  });
});
