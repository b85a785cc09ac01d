/** WebTransport for pages, where Deno lends its QUIC (`--unstable-net`); listens, never dials. @module */

import {
  type Connection,
  type CreateListenerOptions,
  type Listener,
  serviceCapabilities,
  type Transport,
  transportSymbol,
} from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { WebTransport as WebTransportAddress } from "@multiformats/multiaddr-matcher";
import { UnavailableError } from "../../src/errors.ts";
import type { HostTransport } from "../../src/host.ts";
import type { Components } from "./deno-web-transport-handshake.ts";
import { type ListenerNeeds, WebTransportListener } from "./deno-web-transport-listener.ts";

/** Listens at an address such as `/ip4/127.0.0.1/udp/4001/quic-v1/webtransport`. */
export function createDenoWebTransport(
  address: string,
  now: () => number = Date.now,
): HostTransport {
  if (!("Deno" in globalThis && "QuicEndpoint" in Deno)) {
    const message = "only Deno can listen for it, started with --unstable-net";
    throw new UnavailableError("address_unavailable", message, { data: { address } });
  }
  return {
    name: "webtransport",
    listen: [address],
    create: (components: Components) => new DenoWebTransport({ components, now }),
  };
}

class DenoWebTransport implements Transport {
  readonly [transportSymbol] = true;
  readonly [Symbol.toStringTag] = "mcplusplus/webtransport";
  readonly [serviceCapabilities]: string[] = ["@libp2p/transport"];
  readonly #needs: ListenerNeeds;

  constructor(needs: ListenerNeeds) {
    this.#needs = needs;
  }

  async dial(address: Multiaddr): Promise<Connection> {
    const message = `${address} was not dialled: servers reach each other over TCP or WebSockets`;
    throw new UnavailableError("peer_unreachable", message);
  }

  createListener(options: CreateListenerOptions): Listener {
    return new WebTransportListener(this.#needs, options);
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter((address) => WebTransportAddress.exactMatch(address));
  }

  dialFilter(): Multiaddr[] {
    return [];
  }
}
