import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createLogger, type LogThreshold } from "../../../src/telemetry/logger.ts";
import { REDACTED } from "../../../src/telemetry/redact.ts";

function setUp() {
  const lines: string[] = [];
  const state = { threshold: "debug" as LogThreshold };
  const logger = createLogger({
    threshold: () => state.threshold,
    write: (line) => lines.push(line),
    clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) },
  });
  return { lines, state, logger };
}

describe("createLogger()", () => {
  it("writes one JSON object per line", () => {
    const { lines, logger } = setUp();

    logger.with({ upstream: "github" }).warning("exited\nwith 1", { code: 1 });

    assertEquals(lines.length, 1);
    assertEquals(lines[0]?.indexOf("\n"), (lines[0]?.length ?? 0) - 1);
    assertEquals(JSON.parse(lines[0] ?? ""), {
      time: "2026-01-02T03:04:05.006Z",
      level: "warning",
      message: "exited\nwith 1",
      upstream: "github",
      code: 1,
    });
  });

  it("writes nothing below the threshold, which may change while it runs", () => {
    const { lines, state, logger } = setUp();
    const said = (): string[] => lines.splice(0).map((line) => JSON.parse(line).level);
    const sayAll = (): void => {
      for (const level of ["debug", "info", "warning", "error"] as const) logger[level]("x");
    };

    state.threshold = "warning";
    sayAll();
    assertEquals(said(), ["warning", "error"]);

    state.threshold = "debug";
    sayAll();
    assertEquals(said(), ["debug", "info", "warning", "error"]);
  });

  it("hides secrets in fields and message, and keeps its own fields", () => {
    const { lines, logger } = setUp();

    logger.info("Bearer abcdefghijkl", { token: "t", level: "fake", time: "never" });

    const line = JSON.parse(lines[0] ?? "");
    assertEquals(line.message, `Bearer ${REDACTED}`);
    assertEquals(
      [line.token, line.level, line.time],
      [REDACTED, "info", "2026-01-02T03:04:05.006Z"],
    );
  });
});
