import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { DeadlineError } from "../../../src/errors.ts";
import { NO_ANSWER, RunningCalls } from "../../../src/mcp/running-calls.ts";

const cancel = (requestId: unknown, reason?: unknown): Readonly<Record<string, unknown>> => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId, ...(reason !== undefined && { reason }) },
});

/** A request that is answered when its signal fires. */
function begin(
  calls: RunningCalls,
  id: unknown,
  parent?: AbortSignal,
): {
  readonly answer: Promise<string | undefined> | undefined;
  readonly signal: () => AbortSignal;
} {
  let signal: (() => AbortSignal) | undefined;
  const answer = calls.run(
    id,
    (own) => {
      signal = own;
      return new Promise((resolve) => {
        own().addEventListener("abort", () => resolve("told to stop"), { once: true });
      });
    },
    parent && (() => parent),
  );
  assert(signal);
  return { answer, signal };
}

describe("RunningCalls", () => {
  it("passes answers on, and what the hot path leaves to others", async () => {
    const calls = new RunningCalls();

    assertEquals(await calls.run(1, async () => "answer"), "answer");
    assertEquals(await calls.run(1, async () => undefined), undefined);
    assertEquals(
      calls.run(1, () => undefined),
      undefined,
    );
    await assertRejects(
      async () => calls.run(1, () => Promise.reject(new Error("no right"))),
      Error,
      "no right",
    );
    assertEquals(calls.cancelledBy(cancel(1)), false);
  });

  it("tells the handler that the client took its request back, and gives no answer", async () => {
    const calls = new RunningCalls();
    const one = begin(calls, 1);
    const two = begin(calls, "1");

    assert(calls.cancelledBy(cancel(1, "changed my mind")));

    assertEquals(await one.answer, NO_ANSWER);
    const { reason } = one.signal();
    assertInstanceOf(reason, DeadlineError);
    assertEquals(
      [reason.code, reason.message],
      ["cancelled", "The client cancelled the request: changed my mind"],
    );
    assert(!two.signal().aborted);
    assertEquals(calls.cancelledBy(cancel(1)), false);
  });

  it("cancels nothing for messages that mean something else", () => {
    const calls = new RunningCalls();
    const { signal } = begin(calls, 1);

    for (const message of [
      { ...cancel(1), method: "notifications/progress" },
      cancel(2),
      cancel("1"),
      { method: "notifications/cancelled" },
      { method: "notifications/cancelled", params: null },
    ]) {
      assertEquals(calls.cancelledBy(message), false);
    }
    assert(!signal().aborted);
  });

  it("follows the signal of the transport, and all end when the client is gone", async () => {
    const calls = new RunningCalls();
    const connection = new AbortController();
    const one = begin(calls, 1, connection.signal);
    const two = begin(calls, 2, connection.signal);

    connection.abort();
    assertEquals(await one.answer, "told to stop");
    assertEquals(await two.answer, "told to stop");
    const three = begin(calls, 3);
    calls.abandon();

    assertEquals(await three.answer, "told to stop");
  });
});
