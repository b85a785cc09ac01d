import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import {
  AuthError,
  ConflictError,
  DeadlineError,
  InputError,
  IntegrityError,
  ToolError,
  UnavailableError,
} from "../../../src/errors.ts";
import { createAnswerError, statusOf } from "../../../src/server/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";

function setUp() {
  const lines: string[] = [];
  const clock = { now: () => 0 };
  const log = createLogger({ threshold: () => "error", write: (line) => lines.push(line), clock });
  return { lines, answer: createAnswerError({ jwt: () => undefined, log, newId: () => "id-7" }) };
}
const request = new Request("http://localhost/tools/x");

describe("statusOf()", () => {
  it("fits the code, and else the family", () => {
    const cases = [
      [new InputError("invalid_input", ""), 400],
      [new InputError("unknown_tool", ""), 404],
      [new InputError("unsupported_media_type", ""), 415],
      [new InputError("body_too_large", ""), 413],
      [new AuthError("unauthenticated", ""), 401],
      [new AuthError("capability_missing", ""), 403],
      [new AuthError("forbidden_host", ""), 403],
      [new UnavailableError("rate_limited", ""), 429],
      [new UnavailableError("queue_full", ""), 503],
      [new UnavailableError("upstream_unavailable", ""), 502],
      [new DeadlineError("deadline_exceeded", ""), 504],
      [new ConflictError("version_conflict", ""), 409],
      [new IntegrityError("schema_mismatch", ""), 502],
      [new ToolError("tool_failed", ""), 422],
      [new Error("bug"), 500],
      ["thrown text", 500],
    ] as const;
    for (const [error, status] of cases) assertEquals(statusOf(error), status, String(error));
  });
});

describe("createAnswerError()", () => {
  it("answers with code, message and data", async () => {
    const { answer } = setUp();

    const response = answer(
      new InputError("not_found", "No such row", { data: { row: 3 } }),
      request,
    );

    assertEquals(response.status, 404);
    assertEquals(await response.json(), {
      code: "not_found",
      message: "No such row",
      data: { row: 3 },
    });
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(response.headers.get("cache-control"), "no-store");
  });

  it("says when to try again, in whole seconds", () => {
    const { answer } = setUp();
    const after = (data: Record<string, unknown>) =>
      answer(new UnavailableError("rate_limited", "", { data }), request).headers.get(
        "retry-after",
      );

    assertEquals(
      [after({ retryAfterMs: 2001 }), after({ retryAfterMs: 5 }), after({})],
      ["3", "1", "1"],
    );
  });

  it("logs what nobody expected, and shows an id of it only", async () => {
    const { answer, lines } = setUp();

    const response = answer(new TypeError("x is not a function"), request);

    const body = await response.text();
    assertEquals(response.status, 500);
    assertEquals(JSON.parse(body).code, "internal");
    assertEquals(JSON.parse(body).data, { id: "id-7" });
    assertEquals(body.includes("function") || body.includes(".ts"), false);
    const line = JSON.parse(lines[0] ?? "");
    assertEquals([line.id, line.error.message], ["id-7", "x is not a function"]);
  });

  it("challenges who has not said who it is", () => {
    const { answer } = setUp();

    const response = answer(new AuthError("unauthenticated", "Who?"), request);

    assertEquals(response.headers.get("www-authenticate")?.startsWith("Bearer "), true);
  });
});
