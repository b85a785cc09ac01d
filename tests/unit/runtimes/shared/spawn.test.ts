import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawnProcess } from "../../../../runtimes/shared/spawn.ts";
import { InputError } from "../../../../src/errors.ts";

const env = { PATH: process.env.PATH ?? "" };
const shell = (script: string, more: object = {}) =>
  spawnProcess({ file: "sh", args: ["-c", script], env, ...more });
const read = (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text();

describe("spawnProcess()", () => {
  it("connects all three streams", async () => {
    const child = await shell("cat; echo complaint >&2");
    const writer = child.stdin.getWriter();

    await writer.write(new TextEncoder().encode("hello"));
    await writer.close();

    assertEquals([await read(child.stdout), await read(child.stderr)], ["hello", "complaint\n"]);
    assertEquals(await child.exited, { code: 0, signal: undefined });
  });

  it("carries much without losing or hoarding it", async () => {
    const child = await shell("cat");
    const writer = child.stdin.getWriter();
    const chunk = new Uint8Array(65_536).fill(7);

    const writing = (async () => {
      for (let count = 0; count < 100; count += 1) await writer.write(chunk);
      await writer.close();
    })();
    const received = await new Response(child.stdout).arrayBuffer();
    await writing;

    assertEquals(received.byteLength, 6_553_600);
  });

  it("gives the program nothing of our environment, and its folder", async () => {
    const child = await shell("env; pwd", { cwd: "/", env: { ...env, GIVEN: "x" } });

    const lines = (await read(child.stdout)).split("\n");

    assert(lines.includes("GIVEN=x") && lines.includes("/"));
    assert(!lines.some((line) => line.startsWith("HOME=")));
  });

  it("never lets a shell see the arguments", async () => {
    const child = await spawnProcess({ file: "echo", args: ["$(id); `id` && *"], env });

    assertEquals(await read(child.stdout), "$(id); `id` && *\n");
  });

  it("signals the program and what it started", async () => {
    const child = await shell("sleep 600 & wait");

    child.kill("SIGTERM");

    assertEquals((await child.exited).signal, "SIGTERM");
    // The pipe ends only when nobody holds it any more: not even the sleeper.
    assertEquals(await read(child.stdout), "");
    child.kill("SIGKILL");
  });

  it("tells a missing program from a missing folder", async () => {
    await assertRejects(
      () => spawnProcess({ file: "no-such-program", args: [], env }),
      InputError,
      'There is no program "no-such-program" in PATH',
    );
    await assertRejects(() => shell("true", { cwd: "/no/such" }), InputError, 'folder "/no/such"');
  });
});
