import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { REPLAY_WINDOW, ReplayWindow } from "../../../src/mesh/replay-window.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

describe("a ReplayWindow", () => {
  it("notices an id that comes again, and takes text and number for different ones", () => {
    const window = new ReplayWindow(createFakeClock());
    assertEquals(
      [1, "1", 1, "1", 2].map((id) => window.isRepeated(id)),
      [false, false, true, true, false],
    );
  });

  it("forgets an id after 300 s", async () => {
    const clock = createFakeClock();
    const window = new ReplayWindow(clock);
    window.isRepeated("a");
    await clock.advance(REPLAY_WINDOW.ms - 1);
    assert(window.isRepeated("a"));
    await clock.advance(1);
    assert(!window.isRepeated("a"));
    assert(window.isRepeated("a"));
  });

  it("remembers 4,096 ids, and the oldest goes first", () => {
    const window = new ReplayWindow(createFakeClock());
    for (let id = 0; id <= REPLAY_WINDOW.entries; id += 1) window.isRepeated(id);
    assert(window.isRepeated(1));
    assert(window.isRepeated(REPLAY_WINDOW.entries));
    assert(!window.isRepeated(0));
  });

  it("forgets what was turned away", () => {
    const window = new ReplayWindow(createFakeClock());
    window.isRepeated("a");
    window.forget("a");
    assert(!window.isRepeated("a"));
  });

  it("keeps an id that came again for as long as any other", async () => {
    const clock = createFakeClock();
    const window = new ReplayWindow(clock);
    window.isRepeated("a");
    window.forget("a");
    for (let id = 1; id < REPLAY_WINDOW.entries; id += 1) window.isRepeated(id);
    window.isRepeated("a");
    window.isRepeated("b");
    assert(window.isRepeated("a"));
  });
});
