import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import {
  addressesOf,
  checkAddress,
  isPeerId,
  parseAddressList,
  peerOf,
} from "../../../src/peers/addresses.ts";

const PEER = "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8";
const RELAY = "QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN";
const TCP = "/ip4/192.0.2.7/tcp/4001";

describe("addresses", () => {
  it("name the peer to whom they lead, not the relay on the way", () => {
    assertEquals(peerOf(`${TCP}/p2p/${PEER}`), PEER);
    assertEquals(peerOf(`${TCP}/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`), PEER);
    assertEquals(peerOf(`${TCP}/p2p/${RELAY}/p2p-circuit`), undefined);
    assertEquals(peerOf(TCP), undefined);
  });

  it("say what is wrong with them", () => {
    assertMatch(checkAddress("example.com:4001").fault ?? "", /begin with \//);
    assertMatch(checkAddress("/ip4/999.1.1.1/tcp/1").fault ?? "", /no multiaddr/);
    assertMatch(checkAddress(`/ip4/${"1".repeat(2000)}`).fault ?? "", /2005 characters/);
    assertMatch(checkAddress("/").fault ?? "", /empty|no multiaddr/);
  });

  it("of one peer are those that do not lead to another, once and with its id", () => {
    const relayed = `${TCP}/p2p/${RELAY}/p2p-circuit`;
    const own = [`${TCP}/p2p/${PEER}`, `${relayed}/p2p/${PEER}`];
    assertEquals(addressesOf(PEER, [TCP, ...own, `${TCP}/p2p/${RELAY}`, "x", relayed]), own);
  });

  it("are read from lines, commas and comments", () => {
    const text = `# friends\n${TCP}, /ip4/192.0.2.8/tcp/1 # the other\r\n\n${TCP}\nnonsense`;

    assertEquals(
      parseAddressList(text).map(({ address, fault }) => [address, fault === undefined]),
      [
        [TCP, true],
        ["/ip4/192.0.2.8/tcp/1", true],
        ["nonsense", false],
      ],
    );
  });

  it("are read from JSON", () => {
    const list = [TCP, 5];
    for (const value of [list, { addresses: list }, { peers: list }]) {
      const found = parseAddressList(JSON.stringify(value));
      assertEquals(
        found.map(({ address, fault }) => [address, fault === undefined]),
        [
          [TCP, true],
          ["5", false],
        ],
      );
    }
    assertEquals(parseAddressList("").length, 0);
    assertEquals(parseAddressList("[broken").length, 1);
  });

  it("hold ids in their one spelling", () => {
    assertEquals([PEER, RELAY, "", "12D3", "peer"].map(isPeerId), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
