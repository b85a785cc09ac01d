import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import {
  addressFor,
  parseAddress,
  transportOf,
  webSocketAddress,
  webSocketUrl,
} from "../../../src/mesh/addresses.ts";

const ALICE = "12D3KooWDxv3YpjvvBxBQiS4UWhmsSQC3J3He8m6yteqigmjMHgP";
const BOB = "12D3KooWJL9sEE4c52Y8BbhmawG5uFr3H7Sn7wS77oqkHgoAUjZH";
const CERT = "uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g";

describe("transportOf()", () => {
  const cases = [
    ["/ip4/192.0.2.7/tcp/4001", "tcp"],
    ["/ip4/192.0.2.7/tcp/8000/ws", "websocket"],
    ["/dns4/tools.example/tcp/443/tls/ws", "websocket"],
    ["/dns4/tools.example/tcp/443/wss", "websocket"],
    ["/ip4/192.0.2.7/udp/4001/quic-v1", "quic"],
    [`/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/${CERT}`, "webrtc-direct"],
    [`/ip4/192.0.2.7/udp/4001/quic-v1/webtransport/certhash/${CERT}`, "webtransport"],
    [`/ip4/192.0.2.7/tcp/8000/ws/p2p/${ALICE}/p2p-circuit`, "relay"],
    [`/ip4/192.0.2.7/tcp/8000/ws/p2p/${ALICE}/p2p-circuit/webrtc`, "webrtc"],
    ["/memory/a", "memory"],
    ["/ip4/192.0.2.7/udp/53", "other"],
  ] as const;
  for (const [address, transport] of cases) {
    it(`finds ${transport} in ${address}`, () => {
      assertEquals(transportOf(parseAddress(address)), transport);
    });
  }
});

describe("webSocketUrl()", () => {
  const cases = [
    ["/ip4/192.0.2.7/tcp/8000/ws", "ws://192.0.2.7:8000/"],
    ["/ip6/2001:db8::1/tcp/8000/ws", "ws://[2001:db8::1]:8000/"],
    ["/dns4/tools.example/tcp/443/tls/ws", "wss://tools.example/"],
    ["/dns6/tools.example/tcp/8443/wss", "wss://tools.example:8443/"],
    ["/dns/tools.example/tcp/443/tls/sni/tools.example/ws", "wss://tools.example/"],
    [`/ip4/192.0.2.7/tcp/8000/ws/p2p/${ALICE}`, "ws://192.0.2.7:8000/"],
  ] as const;
  for (const [address, url] of cases) {
    it(`makes ${url} of ${address}`, () => {
      assertEquals(webSocketUrl(parseAddress(address)).href, url);
    });
  }
});

describe("webSocketAddress()", () => {
  const cases = [
    ["127.0.0.1", "/ip4/127.0.0.1/tcp/8000/ws"],
    ["localhost", "/ip4/127.0.0.1/tcp/8000/ws"],
    ["::", "/ip6/::/tcp/8000/ws"],
    ["[::1]", "/ip6/::1/tcp/8000/ws"],
    ["tools.example", "/dns/tools.example/tcp/8000/ws"],
  ] as const;
  for (const [hostname, address] of cases) {
    it(`makes ${address} of ${hostname}`, () => {
      assertEquals(webSocketAddress(hostname, 8000), address);
    });
  }
});

describe("addressFor()", () => {
  it("leaves the peer's own id away", () => {
    const address = addressFor(ALICE, `/ip4/192.0.2.7/tcp/4001/p2p/${ALICE}`);
    assertEquals(address.toString(), "/ip4/192.0.2.7/tcp/4001");
  });

  it("keeps the relay of a relayed address", () => {
    const relayed = `/ip4/192.0.2.7/tcp/4001/p2p/${BOB}/p2p-circuit`;
    assertEquals(addressFor(ALICE, `${relayed}/p2p/${ALICE}`).toString(), relayed);
    assertEquals(addressFor(ALICE, relayed).toString(), relayed);
  });

  it("refuses an address of another peer", () => {
    const wrong = `/ip4/192.0.2.7/tcp/4001/p2p/${BOB}`;
    assertThrows(() => addressFor(ALICE, wrong), InputError, `is an address of ${BOB}`);
  });

  it("says what is wrong with a text that is no address", () => {
    assertThrows(() => addressFor(ALICE, "tools.example:4001"), InputError, "is not a multiaddr");
  });
});
