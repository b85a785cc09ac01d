import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import type { PeerConnection } from "../../../src/mesh/mesh-node.ts";
import { type DialOptions, type DialTarget, dial } from "../../../src/peers/bootstrap.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const connectionTo = (peer: string, address: string): PeerConnection => ({
  id: address,
  peer,
  address,
  transport: "tcp",
  direction: "outbound",
  isRelayed: false,
  streams: 0,
  openedAt: 0,
});

/** A node whose dials end when the test says so. */
function setUp(connected: readonly string[] = []) {
  const clock = createFakeClock();
  const open = connected.map((peer) => connectionTo(peer, `/to/${peer}`));
  const waiting = new Map<string, PromiseWithResolvers<PeerConnection>>();
  const signals: AbortSignal[] = [];
  const heard: string[] = [];
  const controller = new AbortController();
  const node = {
    peer: "self",
    connections: (peer?: string) => open.filter((one) => peer === undefined || one.peer === peer),
    connect(target: string, { signal }: { signal?: AbortSignal } = {}) {
      if (signal) signals.push(signal);
      const dialing = Promise.withResolvers<PeerConnection>();
      waiting.set(target, dialing);
      return dialing.promise;
    },
  };
  const run = (targets: readonly DialTarget[], options: Partial<DialOptions> = {}) =>
    dial(
      {
        node,
        clock,
        isMember: (peer) => !peer.startsWith("public"),
        dialled: ({ address }, connection) => heard.push(`${address} ${connection ? "+" : "-"}`),
      },
      targets,
      { enough: 100, maxConnections: 100, timeoutMs: 1000, signal: controller.signal, ...options },
    );
  /** Dials that are under way. */
  const underWay = async (): Promise<string> => {
    await clock.advance(0);
    return [...waiting.keys()].join("");
  };
  const end = (target: string, error?: Error): void => {
    const dialing = waiting.get(target);
    waiting.delete(target);
    if (error) {
      dialing?.reject(error);
      return;
    }
    const connection = connectionTo(target, `/to/${target}`);
    open.push(connection);
    dialing?.resolve(connection);
  };
  return { clock, controller, signals, heard, run, underWay, end };
}

const targets = (names: string): readonly DialTarget[] =>
  [...names].map((peer) => ({ address: peer, peer }));

describe("dial()", () => {
  it("tries all, five at once, and says what became of each", async () => {
    const { run, underWay, end, heard } = setUp();
    const running = run(targets("abcdefg"));
    assertEquals(await underWay(), "abcde");
    end("b", new Error("refused"));
    end("a");
    assertEquals(await underWay(), "cdefg");
    for (const peer of "cdefg") end(peer);

    const { connected, failed } = await running;
    assertEquals(
      connected
        .map(({ peer }) => peer)
        .sort()
        .join(""),
      "acdefg",
    );
    assertEquals(failed, [{ address: "b", reason: "refused" }]);
    assertEquals([heard.length, heard.includes("b -"), heard.includes("a +")], [7, true, true]);
  });

  it("begins no dial once there are enough", async () => {
    const { run, underWay, end } = setUp();
    const running = run(targets("abcdefghij"), { enough: 1 });
    await underWay();
    for (const peer of "abcde") end(peer);

    assertEquals(await underWay(), "");
    assertEquals((await running).connected.length, 5);
  });

  it("never has more connections than it may, with those that were open before", async () => {
    const { run, underWay, end } = setUp(["x", "y"]);
    const running = run(targets("abcdef"), { maxConnections: 4 });
    assertEquals(await underWay(), "ab");
    end("a");
    end("b", new Error("refused"));
    assertEquals(await underWay(), "c");
    end("c");

    const { connected } = await running;
    assertEquals(
      connected.map(({ peer }) => peer),
      ["a", "c"],
    );
  });

  it("does not take public nodes for members of the mesh", async () => {
    const { run, underWay, end } = setUp(["public1", "public2"]);
    const running = run(targets("a"), { enough: 1 });
    assertEquals(await underWay(), "a");
    end("a");
    await running;
  });

  it("dials nobody who is connected, and not itself", async () => {
    const { run, underWay } = setUp(["a"]);
    const running = run([
      { address: "a", peer: "a" },
      { address: "/to/a" },
      { address: "/to/self", peer: "self" },
    ]);

    assertEquals(await underWay(), "");
    assertEquals((await running).connected, [
      { peer: "a", address: "a" },
      { peer: "a", address: "/to/a" },
    ]);
  });

  it("gives up when its time is over, and names what was not tried", async () => {
    const { run, clock, underWay, signals, end } = setUp();
    const running = run(targets("abcdefg"), { timeoutMs: 500 });
    await underWay();
    end("a");
    await clock.advance(500);

    const { connected, failed } = await running;
    assertEquals(
      connected.map(({ peer }) => peer),
      ["a"],
    );
    assertEquals(
      failed
        .map(({ address }) => address)
        .sort()
        .join(""),
      "bcdefg",
    );
    assertEquals(
      failed.every(({ reason }) => reason.includes("within 500 ms")),
      true,
    );
    assertEquals(
      signals.every(({ aborted }) => aborted),
      true,
    );
  });

  it("ends with its caller, and blames no peer for that", async () => {
    const { run, controller, underWay, heard } = setUp();
    const running = run(targets("ab"));
    await underWay();
    controller.abort(new Error("enough"));

    await assertRejects(() => running, Error, "enough");
    assertEquals(heard, []);
  });
});
