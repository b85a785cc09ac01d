/** Kill -9 of a coordinator and its workers in the course of workflows, a few times; `npm run test:chaos` does it often. @module */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { host } from "#host";
import { commandOn, projectFolder } from "../../bench/hosts.ts";

// Its processes are the same whoever starts them: one run is enough.
const skip = host.name === "node" ? false : "runs on Node";
const TRIES = 5;

describe("workflows under chaos", { skip }, () => {
  it("come to the same result as without it", async (t) => {
    const suite = ["--suite", "workflow", "--tries", String(TRIES)];
    const [file = "", ...args] = commandOn("node", "tests/chaos/run.ts", ...suite);
    const child = spawn(file, args, { cwd: projectFolder, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (one) => chunks.push(one));
    t.after(() => child.kill());

    const [code] = await once(child, "close");

    const said = Buffer.concat(chunks).toString();
    t.diagnostic(said);
    assertEquals(code, 0, said);
    assertMatch(said, /^different +0$/m);
    assertMatch(said, /^stuck +0$/m);
    assertMatch(said, /^lost +0$/m);
  });
});
