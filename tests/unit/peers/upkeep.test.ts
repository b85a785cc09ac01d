import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import type { PeerEvent } from "../../../src/mesh/mesh-node.ts";
import { keepUp } from "../../../src/peers/upkeep.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = createFakeClock();
  const controller = new AbortController();
  const listeners = new Set<(event: PeerEvent) => void>();
  const state = {
    isConnected: false,
    isDue: false,
    joins: [] as number[],
    announced: 0,
    sweeps: 0,
    wake: () => {},
  };
  const running = keepUp(
    {
      node: {
        onPeer(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      clock,
      random: () => 0.5,
      isConnected: () => state.isConnected,
      join: async () => void state.joins.push(clock.monotonic() / 1000),
      isRecordDue: () => state.isDue,
      onWake(woken) {
        state.wake = woken;
        return () => {
          state.wake = () => {};
        };
      },
      async announce() {
        state.announced += 1;
        state.isDue = false;
      },
      sweep() {
        state.sweeps += 1;
      },
    },
    controller.signal,
  );
  /** A peer came or went. */
  const set = async (isConnected: boolean): Promise<void> => {
    state.isConnected = isConnected;
    const event: PeerEvent = { type: isConnected ? "connected" : "disconnected", peer: "a" };
    for (const listener of listeners) listener(event);
    await clock.advance(0);
  };
  const stop = async (): Promise<void> => {
    controller.abort(new Error("stop"));
    await assertRejects(() => running, Error, "stop");
  };
  return { clock, state, set, stop, listeners };
}

describe("keepUp()", () => {
  it("looks at once when it is woken, connected or not", async () => {
    const { clock, state, set, stop } = setUp();
    await clock.advance(70_000);
    const alone = state.joins.length;
    state.wake();
    await clock.advance(0);
    assertEquals(state.joins.slice(alone), [70]);
    await set(true);
    const connected = state.joins.length;

    state.wake();
    await clock.advance(0);

    assertEquals(state.joins.slice(connected), [70]);
    await stop();
  });

  it("looks for peers with growing pauses while there are none", async () => {
    const { clock, state, stop } = setUp();
    await clock.advance(200_000);

    assertEquals(state.joins, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
    await stop();
  });

  it("looks seldom with connections, and at once when the last is lost", async () => {
    const { clock, state, set, stop } = setUp();
    await clock.advance(500);
    await set(true);
    assertEquals(state.joins, [0, 0.5]);
    await clock.advance(299_000);
    assertEquals(state.joins.length, 2);
    await clock.advance(1_000);
    assertEquals(state.joins.length, 3);

    await clock.advance(10_000);
    await set(true);
    assertEquals(state.joins.length, 3);
    await set(false);
    assertEquals(state.joins.at(-1), 310.5);
    await clock.advance(1_000);
    assertEquals(state.joins.at(-1), 311.5);
    await stop();
  });

  it("announces soon after the record is due, and sweeps by the hour", async () => {
    const { clock, state, set, stop } = setUp();
    await set(true);
    await clock.advance(60_000);
    assertEquals([state.announced, state.sweeps], [0, 0]);
    state.isDue = true;
    await clock.advance(5_000);
    assertEquals(state.announced, 1);
    await clock.advance(3_600_000);
    assertEquals([state.announced, state.sweeps], [1, 1]);
    await stop();
  });

  it("leaves nothing behind", async () => {
    const { clock, stop, listeners } = setUp();
    await clock.advance(0);
    await stop();

    assertEquals([clock.pending, listeners.size], [0, 0]);
  });
});
