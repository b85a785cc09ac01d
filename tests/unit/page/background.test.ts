import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createBackground } from "../../../src/page/background.ts";

describe("work in the background", () => {
  it("tells what fails, also at once, and goes on", async () => {
    const failures: string[] = [];
    const { promise: bothFailed, resolve } = Promise.withResolvers<void>();
    const background = createBackground((what, error) => {
      if (failures.push(`${what}: ${String(error)}`) === 2) resolve();
    });

    background.start("one", () => Promise.reject(new Error("no")));
    background.start("two", () => {
      throw new Error("never");
    });
    background.start("three", () => Promise.resolve());
    await bothFailed;
    await background.stop();

    assertEquals(failures.toSorted(), ["one: Error: no", "two: Error: never"]);
  });

  it("is over when it was stopped, and nothing starts after that", async () => {
    const failures: unknown[] = [];
    const background = createBackground((what) => failures.push(what));
    let isOver = false;
    background.start("waiting", async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      isOver = true;
      throw signal.reason;
    });

    await background.stop();
    background.start("late", () => Promise.reject(new Error("late")));

    assertEquals([isOver, failures], [true, []]);
  });
});
