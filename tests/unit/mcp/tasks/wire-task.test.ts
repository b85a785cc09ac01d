import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { CallTask } from "../../../../src/mcp/tasks/task-source.ts";
import { createdTask, detailedTask } from "../../../../src/mcp/tasks/wire-task.ts";

const task = (more: Partial<CallTask>): CallTask => ({
  id: "t1",
  state: "working",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:01.000Z",
  ttlMs: null,
  ...more,
});

const failed = (code: string, data?: Record<string, unknown>): CallTask =>
  task({ state: "failed", error: { code, message: "no", ...(data && { data }) } });

describe("detailedTask()", () => {
  it("names each state in MCP's words", () => {
    const states = ["working", "waiting", "done", "cancelled"] as const;
    assertEquals(
      states.map((state) => detailedTask(task({ state })).status),
      ["working", "input_required", "completed", "cancelled"],
    );
  });

  it("shows the questions of a task that waits, and a result of one that is done", () => {
    const questions = { "1.a": { method: "roots/list", params: {} } };
    assertEquals(detailedTask(task({ state: "waiting", questions })).inputRequests, questions);
    const { result } = detailedTask(task({ state: "done", result: { content: [] } }));
    assertEquals(result, { content: [], resultType: "complete" });
  });

  it("keeps MCP's failed for what the call would have got as a JSON-RPC error", () => {
    const unknown = detailedTask(failed("unknown_tool", { tool: "x" }));
    assertEquals(unknown.status, "failed");
    assertEquals(unknown.error, {
      code: -32602,
      message: "no",
      data: { code: "unknown_tool", tool: "x" },
    });
    assert(!("result" in unknown));
  });

  it("tells the client which capability it lacked", () => {
    const { error } = detailedTask(
      failed("invalid_input", { requiredCapabilities: { sampling: {} } }),
    );
    assertEquals((error as { code: number }).code, -32021);
  });

  it("gives a tool's failure as a result, as the call itself would have", () => {
    for (const code of ["tool_failed", "deadline_exceeded", "rate_limited", "capability_missing"]) {
      const { status, result, error } = detailedTask(failed(code));
      assertEquals([status, error], ["completed", undefined], code);
      assertEquals((result as { isError: boolean }).isError, true, code);
    }
  });

  it("gives an internal error where no worker could run it to its end", () => {
    const { status, error } = detailedTask(failed("lease_lost"));
    assertEquals([status, (error as { code: number }).code], ["failed", -32603]);
  });
});

describe("createdTask()", () => {
  it("leaves what a task brings to tasks/get", () => {
    const questions = { "1.a": {} };
    const created = createdTask(task({ state: "waiting", questions, message: "Waiting" }));
    assertEquals(created, {
      taskId: "t1",
      status: "input_required",
      statusMessage: "Waiting",
      createdAt: "2026-01-01T00:00:00.000Z",
      lastUpdatedAt: "2026-01-01T00:00:01.000Z",
      ttlMs: null,
      pollIntervalMs: 1_000,
    });
  });
});
