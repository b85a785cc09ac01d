import { describe, it } from "node:test";
import { isPrivateIp } from "@libp2p/utils";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Netmask } from "../../../../../runtimes/browser/lean/netmask.ts";

/** Blocks that libp2p holds for private, as the package `netmask` reads them. */
const BLOCKS = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"].concat(
  ["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"],
  ["192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24"],
  ["203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32"],
);

const isPrivate = (address: string): boolean =>
  BLOCKS.some((block) => new Netmask(block).contains(address));

describe("blocks of addresses in pages", () => {
  it("hold the addresses that the package holds", () => {
    const edges = ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "172.15.255.255"];
    const more = ["172.16.0.0", "172.31.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0"];
    for (const address of [...edges, ...more]) {
      assertEquals(isPrivate(address), isPrivateIp(address) === true, address);
    }
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assertEquals(isPrivate(address), isPrivateIp(address) === true);
      }),
      { numRuns: 500, seed: 20260301 },
    );
  });
});
