import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { discover } from "../../../src/peers/discovery.ts";
import type { DiscoverySource, PeerSighting } from "../../../src/peers/source.ts";
import type { PeerSource, SourceReport } from "../../../src/registry/peers.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const source = (name: PeerSource, find: DiscoverySource["find"]): DiscoverySource => ({
  name,
  find,
});
const sightings = (count: number): readonly PeerSighting[] =>
  Array.from({ length: count }, (_, at) => ({ addresses: [`/ip4/192.0.2.7/tcp/${at + 1}`] }));

function setUp() {
  const clock = createFakeClock();
  const taken: string[] = [];
  const controller = new AbortController();
  const run = (...sources: readonly DiscoverySource[]): Promise<readonly SourceReport[]> =>
    discover({
      sources,
      limit: 3,
      timeoutMs: 1000,
      clock,
      signal: controller.signal,
      take: async ({ name }, found) => void taken.push(`${name} ${found.length}`),
    });
  return { clock, taken, controller, run };
}

describe("discover()", () => {
  it("takes what each source brings, whatever becomes of the others", async () => {
    const { clock, taken, run } = setUp();
    const never = source("dht", () => new Promise<never>(() => {}));
    const broken = source("github", () => {
      throw new Error("no such repository");
    });
    const running = run(
      source("file", async () => sightings(5)),
      never,
      broken,
    );
    await clock.advance(999);
    assertEquals(taken, ["file 3"]);
    await clock.advance(1);

    assertEquals(await running, [
      { source: "file", found: 3, ms: 0 },
      {
        source: "dht",
        found: 0,
        ms: 1000,
        error: 'The source "dht" did not answer within 1000 ms',
      },
      { source: "github", found: 0, ms: 0, error: "no such repository" },
    ]);
    assertEquals(clock.pending, 0);
  });

  it("tells a source that its time is over", async () => {
    const { clock, run } = setUp();
    let isTold = false;
    const running = run(
      source("dht", ({ signal }) => {
        signal.addEventListener("abort", () => {
          isTold = true;
        });
        return new Promise<never>(() => {});
      }),
    );
    await clock.advance(1000);
    await running;

    assertEquals(isTold, true);
  });

  it("ends with its caller", async () => {
    const { controller, run } = setUp();
    const running = run(
      source(
        "dht",
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
      ),
    );
    controller.abort(new Error("enough"));

    await assertRejects(() => running, Error, "enough");
  });
});
