import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import type { LocalNetworkOptions } from "../../../src/host.ts";
import { createMdnsSource } from "../../../src/peers/mdns-source.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const { signal } = new AbortController();
const all = { limit: 10, signal };

function setUp(isTold = true) {
  const clock = createFakeClock();
  const joined: LocalNetworkOptions[] = [];
  const leavings: string[] = [];
  const source = createMdnsSource({
    join: async (options) => {
      joined.push(options);
      return { leave: async () => void leavings.push("left") };
    },
    node: {
      peer: "self",
      addresses: () => ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip4/192.168.1.7/tcp/1"],
    },
    network: "team",
    isTold,
    clock,
  });
  const find = async (options = all) => {
    const finding = source.find(options);
    await clock.advance(500);
    return await finding;
  };
  const network = (): LocalNetworkOptions => {
    const [options] = joined;
    if (!options) throw new Error("Nobody joined");
    return options;
  };
  return { clock, source, find, network, joined, leavings };
}

describe("the local network as a source", () => {
  it("asks for its own mesh, and answers where others can reach it", async () => {
    const { source, network } = setUp();
    await source.open?.();

    assertEquals(network().service, "_mcpp-team._udp.local");
    assertEquals(network().addresses(), ["/ip4/192.168.1.7/tcp/1"]);
  });

  it("only listens where nobody is to be told", async () => {
    const { source, network } = setUp(false);
    await source.open?.();

    assertEquals(network().addresses(), []);
  });

  it("gives neighbours after a moment, the latest first, and itself never", async () => {
    const { source, clock, network, find, joined } = setUp();
    const finding = source.find(all);
    await clock.advance(100);
    for (const peer of ["a", "self", "b"])
      network().found(peer, [`/ip4/192.168.1.9/tcp/1/p2p/${peer}`]);
    await clock.advance(400);

    assertEquals(
      (await finding).map(({ peer }) => peer),
      ["b", "a"],
    );
    assertEquals((await find({ limit: 1, signal })).length, 1);
    assertEquals(joined.length, 1);
  });

  it("forgets neighbours that answer no more", async () => {
    const { find, network, clock } = setUp();
    await find();
    network().found("a", ["/ip4/192.168.1.9/tcp/1"]);
    await clock.advance(59_000);
    assertEquals((await find()).length, 1);
    await clock.advance(2_000);
    assertEquals((await find()).length, 0);
  });

  it("says why it could not ask, until somebody answers", async () => {
    const { source, find, network } = setUp();
    await find();
    network().failed(new Error("EACCES"));
    await assertRejects(() => source.find(all), UnavailableError, "EACCES");

    network().found("a", ["/ip4/192.168.1.9/tcp/1"]);
    assertEquals((await find()).length, 1);
  });

  it("tries again after it could not join", async () => {
    let attempts = 0;
    const source = createMdnsSource({
      join: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error("no network yet");
        return { leave: async () => {} };
      },
      node: { peer: "self", addresses: () => [] },
      network: "team",
      isTold: false,
      clock: { ...createFakeClock(), sleep: async () => {} },
    });

    await assertRejects(() => source.find(all), Error, "no network yet");
    assertEquals(await source.find(all), []);
  });

  it("leaves once, and may come back", async () => {
    const { source, joined, leavings } = setUp();
    await source.open?.();
    await source.close?.();
    await source.close?.();
    await source.open?.();

    assertEquals([joined.length, leavings.length], [2, 1]);
  });
});
