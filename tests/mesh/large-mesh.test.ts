/** A mesh of many nodes finds itself. @module */

import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { assert, assertEquals } from "@std/assert";
import { host } from "#host";
import { commandOn, projectFolder } from "../../bench/hosts.ts";
import type { Meeting } from "./large-mesh.ts";

const run = promisify(execFile);
const NODES = 200;

// The nodes, their memory transport and their clock are the same code on each host, and take minutes.
const skip = host.name === "node" ? false : "runs on Node";

describe("two hundred nodes", { skip }, () => {
  it("all know each other within ten seconds of their time", { timeout: 540_000 }, async (t) => {
    const [file = "", ...args] = commandOn("node", "tests/mesh/large-mesh.ts", String(NODES));

    const { stdout } = await run(file, args, { cwd: projectFolder, signal: t.signal });

    const { knowing, simulatedMs } = JSON.parse(stdout) as Meeting;
    t.diagnostic(`known by all after ${simulatedMs} ms of simulated time`);
    assertEquals(knowing, NODES);
    assert(simulatedMs <= 10_000);
  });
});
