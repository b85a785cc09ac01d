import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createAudit, type EndedCall } from "../../../src/telemetry/audit.ts";
import type { ServerEvent } from "../../../src/telemetry/event-feed.ts";

const call: EndedCall = {
  caller: "key:ci",
  tool: "add",
  category: "math",
  outcome: "ok",
  durationMs: 1.5,
  runtime: "local",
};

function setUp(isOn: boolean) {
  const events: ServerEvent[] = [];
  const lines: string[] = [];
  const recorded = Promise.withResolvers<void>();
  const audit = createAudit({
    feed: { publish: (event) => void events.push(event) },
    write: (line) => {
      lines.push(line);
      recorded.resolve();
    },
    clock: { now: () => 0 },
    isOn: () => isOn,
  });
  return { events, lines, audit, recorded: recorded.promise };
}

describe("createAudit()", () => {
  it("publishes the event alone while auditing is off", () => {
    const { events, lines, audit } = setUp(false);

    audit(call, { a: 1 });

    assertEquals(events, [{ type: "tool_call", ...call }]);
    assertEquals(lines, []);
  });

  it("writes who called what, with a digest instead of the input", () => {
    const { events, lines, audit } = setUp(true);

    audit(call, { a: 1, b: "secret words" });

    const line = JSON.parse(lines[0] ?? "");
    assertEquals(line, {
      time: "1970-01-01T00:00:00.000Z",
      level: "audit",
      type: "tool_call",
      ...call,
      argsDigest: line.argsDigest,
    });
    assertMatch(line.argsDigest, /^sha256:[0-9a-f]{64}$/);
    assertEquals(lines[0]?.includes("secret words"), false);
    assertEquals(events, [{ type: "tool_call", ...call, argsDigest: line.argsDigest }]);
  });

  it("digests equal inputs equally, whatever the order of their fields", () => {
    const { lines, audit } = setUp(true);

    audit(call, { a: 1, b: { c: 2, d: 3 } });
    audit(call, { b: { d: 3, c: 2 }, a: 1 });
    audit(call, { a: 1, b: { c: 2, d: 4 } });

    const [first, second, third] = lines.map((line) => JSON.parse(line).argsDigest);
    assertEquals(first, second);
    assertNotEquals(first, third);
  });

  it("records long inputs and inputs that are not JSON too", async () => {
    const { lines, audit, recorded } = setUp(true);

    audit(call, { text: "x".repeat(5000) });
    await recorded;
    audit(call, { n: 1n });

    const [long, odd] = lines.map((line) => JSON.parse(line).argsDigest);
    // printf '{"text":"xxx…"}' | sha256sum
    assertEquals(long, LONG_DIGEST);
    assertEquals(odd, "not JSON");
  });
});

const LONG_DIGEST = "sha256:bf878f23eda3edf22100233dc916d3cab773d9db276eb60a724079652d017b9c";
