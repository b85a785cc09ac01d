import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { withScope } from "../../../src/concurrency/scope.ts";

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

describe("withScope()", () => {
  it("waits for every child, also for those that children start", async () => {
    const done: string[] = [];

    const result = await withScope(async (scope) => {
      scope.start(async () => {
        await Promise.resolve();
        done.push("child");
        scope.start(async () => {
          await Promise.resolve();
          done.push("grandchild");
        });
      });
      return "body";
    });

    assertEquals(result, "body");
    assertEquals(done, ["child", "grandchild"]);
  });

  it("aborts siblings when one child fails, and throws its error after all have ended", async () => {
    let hasEnded = false;

    await assertRejects(
      () =>
        withScope(async (scope) => {
          scope.start(async (signal) => {
            await aborted(signal);
            hasEnded = true;
            throw signal.reason;
          });
          scope.start(() => Promise.reject(new Error("first failure")));
        }),
      Error,
      "first failure",
    );

    assert(hasEnded);
  });

  it("aborts its children when the body throws, and when a child throws at once", async () => {
    let reason: unknown;
    await assertRejects(
      () =>
        withScope(async (scope) => {
          scope.start(async (signal) => {
            await aborted(signal);
            reason = signal.reason;
          });
          throw new Error("body");
        }),
      Error,
      "body",
    );
    assertEquals((reason as Error).message, "body");

    await assertRejects(
      () =>
        withScope(async (scope) =>
          scope.start(() => {
            throw new Error("at once");
          }),
        ),
      Error,
      "at once",
    );
  });

  it("tells its children when the parent is cancelled", async () => {
    const parent = new AbortController();
    let heard = false;

    const running = withScope(async (scope) => {
      scope.start(async (signal) => {
        await aborted(signal);
        heard = true;
      });
    }, parent.signal);
    parent.abort();
    await running;

    assert(heard);
  });
});
