import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDirectLines, createLineBuffer } from "../../../src/telemetry/line-buffer.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function recorder(): { readonly written: string[]; write(text: string): Promise<void> } {
  const written: string[] = [];
  return {
    written,
    write: (text) => {
      written.push(text);
      return Promise.resolve();
    },
  };
}

describe("createLineBuffer()", () => {
  it("writes the lines of a moment together and in order", async () => {
    const clock = createFakeClock();
    const { written, write } = recorder();
    const lines = createLineBuffer(write, clock);
    lines.add("a\n");
    lines.add("b\n");
    assertEquals(written, []);
    await clock.advance(10);
    lines.add("c\n");
    await clock.advance(10);
    assertEquals(written, ["a\nb\n", "c\n"]);
    assertEquals(clock.pending, 0);
  });

  it("does not wait once there is as much as a pipe takes", () => {
    const { written, write } = recorder();
    const lines = createLineBuffer(write, createFakeClock());
    lines.add("x".repeat(65_536));
    assertEquals(written.length, 1);
  });

  it("writes what waits when it is flushed, and nothing twice", async () => {
    const clock = createFakeClock();
    const { written, write } = recorder();
    const lines = createLineBuffer(write, clock);
    lines.add("last\n");
    await lines.flush();
    await clock.advance(100);
    assertEquals(written, ["last\n"]);
  });

  it("outlives a sink that fails", async () => {
    const clock = createFakeClock();
    const lines = createLineBuffer(() => Promise.reject(new Error("disk full")), clock);
    lines.add("lost\n");
    await clock.advance(10);
    await lines.flush();
    assertEquals(clock.pending, 0);
  });
});

describe("createDirectLines()", () => {
  it("writes each line at once, and a failure is nobody's", async () => {
    const { written, write } = recorder();
    const lines = createDirectLines(write);
    lines.add("a\n");
    lines.add("b\n");
    assertEquals(written, ["a\n", "b\n"]);

    const broken = createDirectLines(() => Promise.reject(new Error("the console is gone")));
    broken.add("c\n");
    await broken.flush();
  });
});
