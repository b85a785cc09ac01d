import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { DeadlineError } from "../../../src/errors.ts";
import type { ToolContext } from "../../../src/registry/context.ts";
import type { CallResult } from "../../../src/registry/result.ts";
import { createLocalRuntime } from "../../../src/router/local-runtime.ts";
import { contextOf, targetOf } from "../../support/calls.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const done: CallResult = { content: [] };

/** A handler that ends when it is told to stop, and remembers that. */
function waiting(): {
  run: (input: unknown, context: ToolContext) => Promise<CallResult>;
  stopped: () => unknown;
} {
  let reason: unknown;
  return {
    run: (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          resolve(done);
        });
      }),
    stopped: () => reason,
  };
}

describe("createLocalRuntime()", () => {
  it("gives what a handler answers at once without arming a timer", () => {
    const clock = createFakeClock();
    const runtime = createLocalRuntime({ clock, timeoutMs: () => 10 });

    assert(
      runtime.run(
        targetOf(() => done),
        {},
        contextOf(),
      ) === done,
    );
    assertEquals([clock.pending, runtime.availability().available], [0, true]);
  });

  it("gives what a handler answers in time", async () => {
    const clock = createFakeClock();
    const runtime = createLocalRuntime({ clock, timeoutMs: () => 10 });

    assert(
      (await runtime.run(
        targetOf(async () => done),
        {},
        contextOf(),
      )) === done,
    );
    assertEquals(clock.pending, 0);
  });

  it("tells a handler to stop when its time is over, by the tool's own time, the call's or the server's", async () => {
    for (const [routing, call, ms] of [
      [{}, {}, 10],
      [{}, { timeoutMs: 25 }, 25],
      [{ timeoutMs: 3 }, {}, 3],
      [{ timeoutMs: 3 }, { timeoutMs: 25 }, 3],
    ] as const) {
      const clock = createFakeClock();
      const runtime = createLocalRuntime({ clock, timeoutMs: () => 10 });
      const { run, stopped } = waiting();

      const running = Promise.resolve(runtime.run(targetOf(run, { routing }), {}, contextOf(call)));
      const rejected = assertRejects(() => running, DeadlineError, `within ${ms} ms`);
      await clock.advance(ms - 1);
      assertEquals(stopped(), undefined);
      await clock.advance(1);

      const error = await rejected;
      assertEquals(error.data, { tool: "probe", timeoutMs: ms });
      assertInstanceOf(stopped(), DeadlineError);
    }
  });
});
