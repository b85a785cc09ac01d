import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { Watchers } from "../../../src/queue/watchers.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

/** A signal, and how many listen to it. */
function watchedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      listeners.add(args[1]);
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
    },
  });
  return { controller, signal, listeners };
}

describe("a wait for work", () => {
  const open = (longestMs = Infinity) => {
    const clock = createFakeClock();
    const watchers = new Watchers(longestMs);
    const watched = watchedSignal();
    const over: string[] = [];
    const waiting = watchers.orAfter(clock, watchers.nextWork(), 5_000, watched.signal);
    const told = waiting.then(
      () => over.push("over"),
      (error: Error) => over.push(error.message),
    );
    return { clock, watchers, told, over, ...watched };
  };
  type Scene = ReturnType<typeof open>;
  const left = ({ clock, listeners }: Scene) => [clock.pending, listeners.size];

  it("ends when there is some, and leaves neither a timer nor a listener", async () => {
    const scene = open();
    assertEquals(left(scene), [1, 1]);

    scene.watchers.wakeWorkers();
    await scene.told;

    assertEquals([scene.over, left(scene)], [["over"], [0, 0]]);
  });

  it("ends after its time, and after the longest that its queue allows", async () => {
    for (const [longestMs, ms] of [
      [Infinity, 5_000],
      [1_000, 1_000],
    ] as const) {
      const scene = open(longestMs);

      await scene.clock.advance(ms - 1);
      assertEquals(scene.over, []);
      await scene.clock.advance(1);
      await scene.told;

      assertEquals([scene.over, left(scene)], [["over"], [0, 0]]);
    }
  });

  it("fails with the reason of its signal, which may have fired before", async () => {
    const scene = open();

    scene.controller.abort(new Error("enough"));
    await scene.told;

    assertEquals([scene.over, scene.clock.pending], [["enough"], 0]);
    const { watchers, clock, signal } = scene;
    const late = () => watchers.orAfter(clock, watchers.nextWork(), 5_000, signal);
    await assertRejects(late, Error, "enough");
  });
});
