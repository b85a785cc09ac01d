/** `mcpp tasks` where no server runs, and tasks in lines. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createOutput } from "../../../src/cli/output.ts";
import type { TaskRow } from "../../../src/cli/task-answers.ts";
import { formatChange, formatLive, formatSpan } from "../../../src/cli/task-lines.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { cli } from "../../support/run-cli.ts";

describe("mcpp tasks, without a server", () => {
  it("says how to start one, with exit code 4, and opens no queue itself", async () => {
    for (const args of [["tasks"], ["tasks", "submit", "add"], ["tasks", "watch"]]) {
      const { code, stderr, apps } = await cli([...args, "--port", "0"]);

      assertEquals([code, apps.length], [4, 0]);
      assertStringIncludes(stderr, "start one with mcpp serve, or name a running one");
    }
  });

  it("has help for each command", async () => {
    const { code, stdout } = await cli(["tasks", "--help"]);

    assertEquals(code, 0);
    for (const name of ["submit", "list", "status", "result", "watch", "cancel", "retry", "dead"]) {
      assertMatch(stdout, new RegExp(`\\n\\s+${name} `));
    }
    assertStringIncludes((await cli(["tasks", "submit", "--help"])).stdout, "--once");
  });
});

const task: TaskRow = {
  ...{ taskId: "8d1f4c1e-5b0a", kind: "tool", tool: "summarize", state: "leased", priority: 5 },
  ...{ attempts: 1, maxAttempts: 3, submittedAt: "2026-11-20T00:00:00.000Z", labels: {} },
  ...{ runAt: "2026-11-20T00:00:00.000Z", startedAt: "2026-11-20T00:00:00.000Z" },
  lease: { worker: "gpu-box", token: "1.1", isCancelling: false },
};

const { style } = createOutput(createFakeHost().host.terminal, {});

const live = (changes: Partial<TaskRow> = {}, columns = 100): string =>
  formatLive(
    { ...task, ...changes },
    { style, columns, nameWidth: 10, now: Date.parse("2026-11-20T00:00:12Z") },
  );

describe("formatLive()", () => {
  it("shows how far a task is, who has it and for how long", () => {
    assertEquals(
      live({ progress: { done: 64, total: 100 } }),
      "8d1f4c1e  summarize   ▓▓▓▓▓▓▓▓░░░░   64 %  gpu-box  attempt 1  12 s",
    );
    assertEquals(
      live({ progress: { done: 7, message: "rows\u001b[2J" } }),
      "8d1f4c1e  summarize       7  rows[2J  gpu-box  attempt 1  12 s",
    );
    assertEquals(
      live({ lease: { worker: "gpu-box", token: "1.1", isCancelling: true } }),
      "8d1f4c1e  summarize   gpu-box  attempt 1  is asked to stop  12 s",
    );
  });

  it("says of the others what they wait for, or how they ended", () => {
    const error = { code: "tool_failed", message: "the disk is full" };
    const end = (changes: Partial<TaskRow>): string => live(changes).slice(22);
    assertEquals(end({ state: "ready", priority: 7 }), "waiting (priority 7)");
    assertEquals(end({ state: "scheduled" }), "scheduled for 2026-11-20T00:00:00.000Z");
    assertEquals(end({ state: "scheduled", runAt: undefined }), "waiting");
    assertEquals(end({ state: "scheduled", runAt: undefined, peer: "attic" }), "at attic");
    assertEquals(
      end({ state: "scheduled", error }),
      "scheduled for 2026-11-20T00:00:00.000Z: the disk is full",
    );
    assertEquals(end({ state: "done", finishedAt: "2026-11-20T00:00:03.250Z" }), "✓ done in 3.3 s");
    assertEquals(end({ state: "failed", error }), "✗ failed: the disk is full");
    assertEquals(end({ state: "dead", error }), "✗ dead after 1 attempt: the disk is full");
    assertEquals(end({ state: "cancelled" }), "– cancelled");
  });

  it("keeps to the width of the terminal", () => {
    const line = live({ progress: { done: 1, total: 2, message: "x".repeat(100) } }, 60);
    assertEquals([...line].length, 59);
    assertEquals(line.endsWith("…"), true);
  });
});

describe("formatChange()", () => {
  it("names the whole id and nothing that time alone changes", () => {
    assertEquals(
      formatChange({ ...task, progress: { done: 1, total: 2 } }),
      "8d1f4c1e-5b0a  summarize  running  50 %  gpu-box  attempt 1",
    );
  });
});

describe("formatSpan()", () => {
  it("is as exact as a person needs", () => {
    assertEquals([-5, 40, 1_449, 12_400, 125_000, 7_300_000].map(formatSpan), [
      "0 ms",
      "40 ms",
      "1.4 s",
      "12 s",
      "2 min",
      "2 h",
    ]);
  });
});
