/** Kill -9, stops and partitions of real processes, for a short time; `npm run test:chaos` does it for long. @module */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { host } from "#host";
import { commandOn, projectFolder } from "../../bench/hosts.ts";

// Its processes are the same whoever starts them: one run is enough.
const skip = host.name === "node" ? false : "runs on Node";
const SECONDS = 12;
/** In so short a time a few executions are a large share, so only their kind is judged. */
const ALLOWED = ["--duplicates", "15"];

describe("a queue under chaos", { skip }, () => {
  it("loses nothing that it acknowledged, and completes nothing twice", async (t) => {
    const [file = "", ...args] = commandOn("node", "tests/chaos/run.ts", ...ALLOWED);
    const child = spawn(file, [...args, "--seconds", String(SECONDS)], {
      cwd: projectFolder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (one) => chunks.push(one));
    t.after(() => child.kill());

    const [code] = await once(child, "close");

    const said = Buffer.concat(chunks).toString();
    t.diagnostic(said);
    assertEquals(code, 0, said);
    assertMatch(said, /^lost +0$/m);
    assertMatch(said, /^stuck +0$/m);
    assertMatch(said, /^double completions +0$/m);
  });
});
