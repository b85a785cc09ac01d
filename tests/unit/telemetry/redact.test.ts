import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { REDACTED, redact, redactText } from "../../../src/telemetry/redact.ts";

describe("redact()", () => {
  it("hides text under names of secrets, at any depth", () => {
    const hidden = redact({
      password: "p",
      apiKey: "k",
      "x-api-key": "k",
      GITHUB_TOKEN: "t",
      clientSecret: "s",
      deep: [{ Authorization: "Basic abc", user: "ada" }],
      credentials: { id: "i", key: "k" },
    });

    assertEquals(hidden, {
      password: REDACTED,
      apiKey: REDACTED,
      "x-api-key": REDACTED,
      GITHUB_TOKEN: REDACTED,
      clientSecret: REDACTED,
      deep: [{ Authorization: REDACTED, user: "ada" }],
      credentials: { id: REDACTED, key: REDACTED },
    });
  });

  it("leaves counts, and names that only resemble those of secrets", () => {
    const facts = { tokens: 12, maxTokens: 5, key: "row-1", author: "ada", path: "a/b", pass: 3 };

    assertEquals(redact(facts), facts);
  });

  it("hides every value of env and headers", () => {
    assertEquals(redact({ env: { DB: "postgres://db", N: "1" }, headers: { "x-y": "z" } }), {
      env: { DB: REDACTED, N: REDACTED },
      headers: { "x-y": REDACTED },
    });
  });

  it("goes by the last name of a path, and by a map on the way to it", () => {
    assertEquals(redact("t", "mcpServers.github.env.ANYTHING"), REDACTED);
    assertEquals(redact("t", "auth.token"), REDACTED);
    assertEquals(redact("127.0.0.1", "listen.hostname"), "127.0.0.1");
  });

  it("hides the value of a secret option in a list of arguments", () => {
    assertEquals(redact(["--token", "abc", "--port", "80", "--api-key=abc", "x"]), [
      "--token",
      REDACTED,
      "--port",
      "80",
      `--api-key=${REDACTED}`,
      "x",
    ]);
  });

  it("shows an error with its causes, without the secrets in their messages", () => {
    const error = new Error("GET https://u:pw@host failed", {
      cause: new Error("Bearer abcdefghijkl was refused"),
    });

    const shown = JSON.stringify(redact({ error }));

    assert(shown.includes("failed") && shown.includes("was refused"));
    assert(!shown.includes("pw@") && !shown.includes("abcdefghijkl"));
  });

  it("ends at cycles", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;

    assert(JSON.stringify(redact(cycle)).includes("[too deep]"));
  });
});

describe("redactText()", () => {
  it("hides what looks like a credential", () => {
    const secrets = [
      ["Authorization: Bearer abc.def-123456", "abc.def"],
      ["key mcpp_ci_0123456789abcdefABCDEF-_", "0123456789"],
      ["eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"],
      ["postgres://ada:lovelace@db/x", "lovelace"],
      ["GET /x?access_token=abc&y=1", "abc"],
    ] as const;
    for (const [text, secret] of secrets) assert(!redactText(text).includes(secret), text);
  });

  it("leaves ordinary sentences as they are", () => {
    for (const text of ["There is no tool “x”", "http://127.0.0.1:8000/mcp?view=flat", "a@b.c"]) {
      assertEquals(redactText(text), text);
    }
  });
});
