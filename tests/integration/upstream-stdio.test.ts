import process from "node:process";
import { describe, it } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { spawnProcess } from "../../runtimes/shared/spawn.ts";
import { InputError, IntegrityError, ToolError, UnavailableError } from "../../src/errors.ts";
import { hurriedClock, mount, packaged, program, textOf } from "../support/upstreams/mounted.ts";

const legacy = program("legacy-stdio");
const modern = program("modern-stdio");
const modules = `${import.meta.dirname}/../../node_modules/@modelcontextprotocol`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return true;
}

/** Whether a process runs; one that ended and that nobody asked about does not. */
async function runs(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const ps = await spawnProcess({
    file: "ps",
    args: ["-o", "stat=", "-p", String(pid)],
    env: { PATH: process.env.PATH ?? "" },
  });
  const state = await new Response(ps.stdout).text();
  return state !== "" && !state.startsWith("Z");
}

describe("a mounted stdio server", () => {
  for (const [era, config] of [
    ["legacy", legacy],
    ["modern", modern],
  ] as const) {
    it(`of the ${era} era runs its tools with checked inputs and outputs`, async (t) => {
      const { call, status } = await mount(t, { server: config });

      assertEquals(await call("add", { a: 2, b: 3 }), {
        content: [{ type: "text", text: "5" }],
        structuredContent: { sum: 5 },
      });
      const error = await assertRejects(() => call("add", { a: "2", b: 3 }), InputError);
      assertEquals(error.message, '"add": /a must be number, got "2"');
      assertEquals(status("server").era, era);
    });

    it(`of the ${era} era hears that its caller gave up`, async (t) => {
      const { call } = await mount(t, { server: config });
      const controller = new AbortController();

      const waiting = call("wait", {}, { signal: controller.signal });
      await call("add", { a: 1, b: 1 });
      controller.abort(new Error("enough"));

      await assertRejects(() => waiting, Error, "enough");
      while (textOf(await call("cancelled")) !== "1") assert(!t.signal.aborted);
    });

    it(`of the ${era} era shows a tool that it got while running`, async (t) => {
      const { call, names, until } = await mount(t, { server: config });

      await call("grow");
      await until(async () => (await names()).includes("grown"));

      assertEquals(textOf(await call("grown")), "grown");
    });
  }

  it("serves the servers that everybody has", async (t) => {
    const { call, status, registry } = await mount(t, {
      files: packaged(`${modules}/server-filesystem/dist/index.js`, [import.meta.dirname]),
      everything: packaged(`${modules}/server-everything/dist/index.js`, ["stdio"]),
    });

    const listed = await call("list_directory", { path: import.meta.dirname });

    assertStringIncludes(textOf(listed), "upstream-stdio.test.ts");
    assertEquals(textOf(await call("echo", { message: "hi" })), "Echo: hi");
    assert(status("files").tools > 10 && status("everything").tools > 10);
    assertEquals(registry.category("everything")?.source, "upstream");
  });

  it("reports the server's progress in order", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const seen: unknown[] = [];

    await call("count", { to: 3 }, { progress: (...step) => void seen.push(step) });

    assertEquals(seen, [
      [1, 3, "step 1"],
      [2, 3, "step 2"],
      [3, 3, "step 3"],
    ]);
  });

  it("sees only the environment that it is meant to see", async (t) => {
    const { call } = await mount(
      t,
      {
        server: program("legacy-stdio", [], {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax.
          env: { GIVEN: "${SECRET_OF_HOST}-${MISSING:-default}" },
          inheritEnv: ["WANTED"],
        }),
      },
      { environment: { SECRET_OF_HOST: "s", WANTED: "w", UNWANTED: "u" } },
    );

    const names = textOf(await call("environment")).split(" ");

    assert(names.includes("PATH") && names.includes("GIVEN") && names.includes("WANTED"));
    assert(!names.includes("SECRET_OF_HOST") && !names.includes("UNWANTED"));
  });

  it("answers again after it was killed in the middle of a call", async (t) => {
    const { call, status } = await mount(t, { server: legacy });
    const pid = Number(textOf(await call("pid")));
    const waiting = call("wait");
    await call("add", { a: 1, b: 1 });

    process.kill(pid, "SIGKILL");

    const error = await assertRejects(() => waiting, UnavailableError, "SIGKILL");
    assertEquals(error.code, "upstream_unavailable");
    assert(Number(textOf(await call("pid"))) !== pid);
    assertEquals(status("server").restarts, 1);
  });

  it("says how it ended, without its secrets", async (t) => {
    const { call } = await mount(t, { server: legacy });

    const error = await assertRejects(() => call("crash"), UnavailableError, "exit code 3");

    assertStringIncludes(error.message, "fatal: token=[redacted] is wrong");
  });

  it("rests when it keeps dying, while the others list and run", async (t) => {
    const { call, names, until, status } = await mount(
      t,
      { broken: program("raw-stdio", ["bad-start"]), healthy: legacy },
      { startTimeoutMs: 400_000, needs: { clock: hurriedClock } },
    );

    await until(() => status("broken").state === "failed");

    assertMatch(status("broken").error ?? "", /exit code 1; it said: GITHUB_TOKEN is not set/);
    assert((await names()).includes("add"));
    assertEquals(textOf(await call("add", { a: 1, b: 2 })), "3");
  });

  it("that dies when it is asked for its tools is asked again after a restart", async (t) => {
    const options = { startTimeoutMs: 400_000, needs: { clock: hurriedClock } };
    const config = { server: program("raw-stdio", ["crash-loop"]) };
    const { until, status, store, upstreams } = await mount(t, config, options);

    await until(() => status("server").state === "failed");
    assertMatch(status("server").warnings?.join() ?? "", /tools could not be listed.*exit code 7/);
    assertEquals(status("server").restarts, 4);
    await upstreams.close();

    const again = await mount(t, config, { ...options, store });
    assert(again.status("server").state !== "idle");
  });

  it("does not stop at a question that it does not know", async (t) => {
    const { call, status } = await mount(t, { old: program("raw-stdio", ["needs-initialize"]) });

    assertEquals(textOf(await call("plain")), "ran plain");
    assertEquals(status("old").era, "legacy");
  });

  it("may print what is no message", async (t) => {
    const { call } = await mount(t, { noisy: program("raw-stdio", ["noisy"]) });

    assertEquals(textOf(await call("plain")), "ran plain");
  });

  it("that never answers is given up, and named", async (t) => {
    const { status } = await mount(
      t,
      { silent: program("raw-stdio", ["silent"]) },
      { startTimeoutMs: 300 },
    );

    assertMatch(status("silent").error ?? "", /"silent" did not start within 300 ms/);
  });

  it("that answers nonsense fails that call alone", async (t) => {
    const { call } = await mount(t, { lying: program("raw-stdio", ["lying"]), good: legacy });

    await assertRejects(() => call("plain"), IntegrityError, "answered without content");
    assertEquals(textOf(await call("add", { a: 1, b: 2 })), "3");
  });

  it("cannot send more than allowed", async (t) => {
    const { call } = await mount(t, { server: legacy }, { maxResultBytes: 100_000 });

    const error = await assertRejects(
      () => call("repeat", { text: "0123456789", times: 20_000 }),
      ToolError,
      "maxResultBytes",
    );

    assertEquals(error.code, "too_large");
    assertEquals(textOf(await call("repeat", { text: "ab", times: 3 })), "ababab");
  });

  it("takes what it started with it when it is closed", async (t) => {
    const { call, upstreams } = await mount(t, {
      server: legacy,
      stubborn: program("raw-stdio", ["stubborn"]),
    });
    const grandchild = Number(textOf(await call("grandchild")));
    const child = Number(textOf(await call("pid")));
    const pids = upstreams.status().map(({ pid }) => pid ?? 0);
    assert(await runs(grandchild));

    const startedAt = performance.now();
    await upstreams.close();

    assert(performance.now() - startedAt < 5_000);
    for (const pid of [grandchild, child, ...pids]) assert(!(await runs(pid)), `${pid} lives`);
  });

  it("is missing with a sentence where the host starts no programs", async (t) => {
    const needs = { host: { environment: () => ({}), workingFolder: "/" } };

    const { status } = await mount(t, { server: legacy }, { needs });

    assertMatch(status("server").error ?? "", /this host cannot start programs/);
  });
});
