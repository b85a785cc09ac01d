/** `mcpp tasks`, asking a server that listens on this host and has a real queue in memory. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { host } from "#host";
import { tools } from "../../tools/taskqueue/mod.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { createHttpApp } from "../support/http-app.ts";
import { resultOf, type TestQueue } from "../support/queues.ts";
import { type CliOutcome, cli, type RunningCli, startCli } from "../support/run-cli.ts";
import { createTasks } from "../support/task-scene.ts";
import type { Cleanup } from "../support/temp-folder.ts";

interface Scene extends TestQueue {
  /** `mcpp tasks …` against the server. */
  tasks(...args: readonly string[]): Promise<CliOutcome>;
  /** The same, on a terminal or not, while it runs. */
  start(args: readonly string[], options?: Parameters<typeof startCli>[1]): RunningCli;
  /** Submit a call of `add`; its id. */
  submit(...args: readonly string[]): Promise<string>;
}

async function serve(t: Cleanup): Promise<Scene> {
  const { tasks, ...queue } = await createTasks();
  const app = createHttpApp({ tools, services: { tasks } });
  const server = await host.listen(app.fetch, { hostname: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  const at = ["--server", `http://127.0.0.1:${server.port}`];
  const run: Scene["tasks"] = (...args) => cli(["tasks", ...args, ...at]);
  return {
    ...queue,
    tasks: run,
    start: (args, options) => startCli(["tasks", ...args, ...at], options),
    async submit(...args) {
      const { code, stdout, stderr } = await run("submit", "add", "--param", "a=1", ...args);
      assertEquals(code, 0, stderr);
      return stdout.trim();
    },
  };
}

/** Let the server's time pass, by as little as the watch waits, until something is printed. */
async function shown(running: RunningCli, text: string, clock: FakeClock): Promise<void> {
  let isShown = false;
  const printed = running.printed(text).then(() => {
    isShown = true;
  });
  while (!isShown) {
    await clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await printed;
}

describe("mcpp tasks submit", () => {
  it("prints the id alone, and says beside it where the task stands", async (t) => {
    const { tasks, queue } = await serve(t);
    await tasks("submit", "add");
    const flags = ["--param", "a=1", "--param", "b=x", "--priority", "3", "--label", "team=ops"];

    const { code, stdout, stderr } = await tasks("submit", "add", ...flags, "--group", "g");

    assertEquals([code, stdout], [0, "id-2\n"]);
    assertMatch(stderr, /^it is ready in the queue "default", 1 ahead; mcpp tasks watch id-2 /);
    const task = await queue.task("id-2");
    // The schema of the tool says that these are numbers; what is none stays text for it to refuse.
    assertEquals(task?.spec.input, { a: 1, b: "x" });
    assertEquals([task?.priority, task?.labels], [3, { team: "ops" }]);
    assertEquals([task?.spec.groupKey, task?.spec.caller.id], ["g", "anonymous"]);
  });

  it("takes other kinds, moments, cron, and the whole input from standard input", async (t) => {
    const { queue, start, tasks } = await serve(t);
    const flags = ["--kind", "transcribe", "--params", "-", "--run-at", "2030-01-01T00:00:00Z"];
    const running = start(["submit", ...flags, "--attempts", "7", "--requires", "gpu"], {
      input: '{"url":"x"}',
    });
    assertEquals(await running.exitCode, 0, running.stderr());
    const task = await queue.task("id-1");
    assertEquals(
      [task?.spec.kind, task?.state, task?.spec.maxAttempts],
      [...["transcribe", "scheduled", 7]],
    );
    assertEquals([task?.spec.input, task?.spec.requires], [{ url: "x" }, ["gpu"]]);

    const cron = await tasks("submit", "add", "--cron", "0 7 * * *", "--timezone", "Asia/Tokyo");
    assertEquals(cron.code, 0, cron.stderr);
    const recurrence = (await queue.task("id-2"))?.spec.recurrence;
    assertEquals([recurrence?.cron, recurrence?.timezone], ["0 7 * * *", "Asia/Tokyo"]);
  });

  it("submits once under one key", async (t) => {
    const { submit, tasks } = await serve(t);
    const id = await submit("--once", "nightly");

    const again = await tasks("submit", "add", "--param", "a=1", "--once", "nightly", "--json");

    const { taskId, duplicate } = JSON.parse(again.stdout);
    assertEquals([taskId, duplicate], [id, true]);
  });

  it("says what is wrong with what was typed, with exit code 2", async (t) => {
    const { tasks } = await serve(t);

    for (const [args, says] of [
      [["submit"], "takes the name of a tool, or --kind"],
      [["submit", "add", "--label", "ops"], "--label takes name=value"],
      [["submit", "add", "--priority", "high"], '--priority takes a number, and got "high"'],
      [["submit", "add", "--priority", "11"], "/priority"],
      [["watch", "--every", "0"], "--every takes 1 to 20000 ms"],
      [["list", "--state", "finished"], "/state"],
    ] as const) {
      const { code, stderr } = await tasks(...args);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, says);
    }
    const unknown = await tasks("submit", "ad", "--param", "a=1");
    assertEquals(unknown.code, 5);
    assertMatch(unknown.stderr, /error unknown_tool.*\n {2}did you mean {2}add/);
  });

  it("waits for the end where asked, and prints the result as mcpp call does", async (t) => {
    const { start, take, queue } = await serve(t);
    const before = Promise.withResolvers<void>();
    queue.onChange(() => before.resolve());
    const running = start(["submit", "add", "--wait"]);
    await before.promise;
    const { spec, token } = await take();
    const result = { content: [{ type: "text", text: "3" }], structuredContent: { sum: 3 } };
    await queue.complete(spec.id, token, resultOf(result));

    assertEquals([await running.exitCode, running.stdout()], [0, '{"sum":3}\n']);
  });
});

describe("mcpp tasks result", () => {
  it("prints what a task of any kind came to", async (t) => {
    const { submit, tasks, take, queue } = await serve(t);
    const id = await submit();
    const { token } = await take();
    await queue.complete(id, token, resultOf([1, 2]));

    assertEquals((await tasks("result", id)).stdout, "[1,2]\n");
    const { state, result } = JSON.parse((await tasks("result", id, "--json")).stdout);
    assertEquals([state, result], ["done", [1, 2]]);
  });

  it("ends with 7 where there is none yet, with 5 where there will be none, with 6 for no task", async (t) => {
    const { submit, tasks } = await serve(t);
    const id = await submit();

    const early = await tasks("result", id);
    assertEquals(early.code, 7);
    assertStringIncludes(early.stderr, "is not over, it is ready: --wait waits for it");
    assertEquals((await tasks("result", id, "--json")).code, 7);

    await tasks("cancel", id);
    const cancelled = await tasks("result", id);
    assertEquals(cancelled.code, 5);
    assertStringIncludes(cancelled.stderr, `Task ${id} was cancelled`);
    assertEquals((await tasks("result", id, "--wait", "--json")).code, 5);

    const none = await tasks("result", "nope");
    assertEquals(none.code, 6);
    assertStringIncludes(none.stderr, "There is no task nope");
  });
});

describe("mcpp tasks list, status, dead and workers", () => {
  it("show tasks in tables, and all of it to a program", async (t) => {
    const { submit, tasks, take, clock } = await serve(t);
    const id = await submit("--label", "team=ops");
    await submit("--priority", "1");
    await take("gpu-box");
    await clock.advance(12_000);

    const { code, stdout } = await tasks();
    assertEquals(
      [code, stdout.split("\n")],
      [
        0,
        [
          "TASK  WHAT  STATE   PRIORITY  ATTEMPTS  AGE   LABELS",
          "id-2  add   ready   1         0/3       12 s  –",
          "id-1  add   leased  5         1/3       12 s  team=ops",
          "",
        ],
      ],
    );
    const one = await tasks("list", "--label", "team=ops", "--json");
    assertEquals(JSON.parse(one.stdout).tasks.length, 1);
    const page = await tasks("list", "--limit", "1");
    assertMatch(page.stderr, /there are more: --limit, or --cursor \d+/);
    assertStringIncludes((await tasks("list", "--state", "dead")).stderr, "no such task");

    const status = await tasks("status", id, "--history");
    assertMatch(status.stdout, /state +leased by gpu-box\nattempts +1 of 3\n/);
    assertMatch(status.stdout, /\n\S+Z {2}submitted {2}baf\w+\n\S+Z {2}claimed +baf\w+\n$/);
    const workers = await tasks("workers");
    assertMatch(workers.stdout, /^WORKER .*\ngpu-box +– +– +1 +0 +0 +0 +– +– /);
  });

  it("tell why tasks are dead, and try them again", async (t) => {
    const { submit, tasks, take, queue } = await serve(t);
    const id = await submit("--attempts", "1");
    const { token } = await take();
    const error = { code: "tool_failed", message: "no\u001b[2J disk" };
    await queue.fail(id, token, { error, isRetryable: true });

    const dead = await tasks("dead");
    assertMatch(dead.stdout, /\nid-1 +add +1 +0 ms +tool_failed: no\[2J disk\n$/);
    const retry = await tasks("retry", id, "--reset");
    assertEquals([retry.code, retry.stdout], [0, "id-2\n"]);
    assertEquals((await queue.task("id-2"))?.spec.previousTaskId, id);
    assertEquals((await tasks("retry", "id-2")).code, 2);
  });
});

describe("mcpp tasks cancel", () => {
  it("says whether it is over, or its worker was asked", async (t) => {
    const { submit, tasks, take } = await serve(t);
    const running = await submit();
    await take();
    const waiting = await submit();

    assertEquals((await tasks("cancel", waiting)).stdout, `${waiting} is cancelled\n`);
    const asked = await tasks("cancel", running, "--reason", "late", "--grace", "9");
    assertEquals(asked.stdout, `${running} is asked to stop; its worker has it still\n`);
  });
});

describe("mcpp tasks watch", () => {
  it("tells a pipe each change of a task once, and ends with it", async (t) => {
    const { submit, start, take, queue, clock } = await serve(t);
    const id = await submit();
    const running = start(["watch", id, "--every", "1"]);
    await running.printed("waiting");

    const { token } = await take("gpu-box");
    await shown(running, "attempt 1", clock);
    await queue.progress(id, token, { progress: { done: 16, total: 25, message: "rows" } });
    await shown(running, "64 %", clock);
    await queue.complete(id, token, resultOf(1));

    assertEquals(await running.exitCode, 0);
    const lines = running.stdout().split("\n");
    assertEquals(lines.slice(0, 3), [
      "id-1  add  waiting (priority 5)",
      "id-1  add  running  gpu-box  attempt 1",
      "id-1  add  running  64 %  rows  gpu-box  attempt 1",
    ]);
    assertMatch(lines.slice(3).join("\n"), /^id-1 {2}add {2}done in \d+ ms\n$/);
  });

  it("draws over the line on a terminal, and ends with 5 where the task failed", async (t) => {
    const { submit, start, take, queue, clock } = await serve(t);
    const id = await submit();
    const { token } = await take("gpu-box");
    await queue.progress(id, token, { progress: { done: 16, total: 25 } });
    await clock.advance(12_000);
    const environment = { NO_COLOR: "1" };
    const running = start(["watch", id], { isInteractive: true, columns: 80, environment });
    await running.printed("64 %");

    const error = { code: "tool_failed", message: "the disk is full" };
    await queue.fail(id, token, { error, isRetryable: false });

    assertEquals(await running.exitCode, 5);
    assertEquals(
      running.stdout(),
      "id-1  add  ▓▓▓▓▓▓▓▓░░░░   64 %  gpu-box  attempt 1  12 s\n" +
        "\u001b[1A\u001b[Jid-1  add  ✗ failed: the disk is full\n",
    );
  });

  it("follows all tasks until it is stopped, those too that come and go", async (t) => {
    const { submit, start, take, queue } = await serve(t);
    const first = await submit();
    const running = start(["watch", "--every", "5", "--json"]);
    await running.printed(first);
    const second = await submit();
    await running.printed(second);
    const { token } = await take();
    await queue.complete(first, token, resultOf(1));
    await running.printed('"done"');
    running.stop();

    assertEquals(await running.exitCode, 0);
    const told = running
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(
      told
        .filter(({ taskId }) => taskId === first)
        .map(({ state }) => state)
        .at(-1),
      "done",
    );
    assertEquals(told.filter(({ taskId }) => taskId === second).length, 1);
  });

  it("keeps on a terminal what ended above what goes on", async (t) => {
    const { submit, start, take, queue } = await serve(t);
    const first = await submit();
    const running = start(["watch", "--every", "5"], {
      ...{ isInteractive: true, columns: 60, environment: { NO_COLOR: "1" } },
    });
    await running.printed(first);
    await submit("--priority", "1");
    const { token } = await take();
    await queue.complete(first, token, resultOf(1));
    await running.printed("✓ done");
    await running.printed("priority 1");
    running.stop();

    assertEquals(await running.exitCode, 0);
    const last = running.stdout().split("\u001b[J").at(-1) ?? "";
    assertMatch(last, /id-2 {2}add {2}waiting \(priority 1\)\n$/);
    assert(running.stdout().split("✓ done").length === 2, running.stdout());
  });
});
