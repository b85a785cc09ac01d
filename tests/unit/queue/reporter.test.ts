import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { Reporter } from "../../../src/queue/reporter.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const held = { id: "a", token: { epoch: 1, attempt: 1 } };

function scene() {
  const clock = createFakeClock();
  const told: unknown[] = [];
  const source = { progress: async (_: unknown, said: unknown) => void told.push(said) };
  const troubles: string[] = [];
  const trouble = (what: string): void => void troubles.push(what);
  return { clock, told, reporter: new Reporter(held, { source, clock, trouble }) };
}

describe("Reporter", () => {
  it("tells progress four times a second at the most, and its end at once", async () => {
    const { clock, told, reporter } = scene();

    for (const done of [1, 2, 3]) reporter.progress(done, 10);
    await clock.advance(250);
    reporter.progress(4, 10, "nearly half");
    reporter.progress(10, 10);

    assertEquals(told, [
      { progress: { done: 1, total: 10 } },
      { progress: { done: 4, total: 10, message: "nearly half" } },
      { progress: { done: 10, total: 10 } },
    ]);
  });

  it("tells lines together, the last of too many, and none twice", async () => {
    const { clock, told, reporter } = scene();

    for (let line = 1; line <= 22; line += 1) reporter.log(`line ${line}`);
    await clock.advance(250);
    reporter.flush();
    reporter.log("x".repeat(3_000));
    reporter.flush();

    const [first, second] = told as readonly { readonly log: string }[];
    assertEquals(told.length, 2);
    assertEquals(first?.log.split("\n").length, 20);
    assertEquals(first?.log.startsWith("line 3\n"), true);
    assertEquals(second?.log.length, 2_000);
    assertEquals(clock.pending, 0);
  });
});
