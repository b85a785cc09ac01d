import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { host } from "#host";
import { type Outcome, supervise } from "../../scripts/test/supervise.ts";
import { eventually } from "../support/eventually.ts";

// `npm test` runs on Node, whatever its suites run on.
const skip = host.name === "node" ? false : "runs on Node";
const PATIENCE_MS = 60_000;

const program = (text: string, limitMs = PATIENCE_MS): Promise<Outcome> =>
  supervise([process.execPath, "--eval", text], limitMs);

/** Starts one that would sleep, with the pipes of its parent, and prints its id. */
const startsSleeper = (isDetached: boolean): string => `
  const { spawn } = require("node:child_process");
  const options = { stdio: "inherit", detached: ${isDetached} };
  const sleeper = spawn("sleep", ["600"], options);
  sleeper.unref();
  console.log(sleeper.pid);
`;

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

// Who has been killed stays in the table until it is collected.
const isGone = (pid: number): Promise<void> =>
  eventually(`process ${pid} is gone`, () => !isRunning(pid));

describe("a supervised program", { skip }, () => {
  it("is told by its code and by all that it wrote", async () => {
    const outcome = await program("console.log('out'); console.error('err'); process.exit(3)");

    assertEquals(outcome, { code: 3, output: "out\nerr\n", faults: [] });
  });

  it("that hears no signal and does not end is ended, with all that it started", async () => {
    const text = `process.on("SIGTERM", () => {}); ${startsSleeper(true)} setInterval(() => {}, 1000)`;

    const { code, output, faults } = await program(text, 2_000);

    assertEquals(code, 1);
    assertMatch(faults[0] ?? "", /did not end within 2 s/);
    assertMatch(faults.join("\n"), /^ {2}\d+ sleep 600$/m);
    await isGone(Number(output));
  });

  it("that leaves a process behind does not get away with it", async () => {
    const { code, output, faults } = await program(startsSleeper(false));

    assertEquals(code, 0);
    assertEquals(faults, ["ended and left running:", `  ${output.trim()} sleep 600`]);
    await isGone(Number(output));
  });
});
