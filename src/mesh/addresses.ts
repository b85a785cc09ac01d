/** Multiaddrs: which transport they stand for, and which URL a WebSocket has. @module */

import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { InputError, messageOf } from "../errors.ts";
import type { PeerConnection } from "./mesh-node.ts";

/** The names that an address may begin with. */
const NAME_OF_HOST: ReadonlySet<string> = new Set(["ip4", "ip6", "dns", "dns4", "dns6"]);

/** By the part that tells a transport from those beneath it; the first that is there counts. */
const TRANSPORT_BY_PART: readonly (readonly [string, PeerConnection["transport"]])[] = [
  // A WebRTC connection between two pages is signalled over a relay, but does not go through it.
  ["webrtc", "webrtc"],
  ["p2p-circuit", "relay"],
  ["memory", "memory"],
  ["webtransport", "webtransport"],
  ["webrtc-direct", "webrtc-direct"],
  ["quic-v1", "quic"],
  ["ws", "websocket"],
  ["wss", "websocket"],
  ["tcp", "tcp"],
];

/** A multiaddr from text; throws `invalid_input` that says what is wrong with it. */
export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text);
  } catch (cause) {
    throw new InputError(
      "invalid_input",
      `"${text}" is not a multiaddr such as /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…: ${messageOf(cause)}`,
      { cause, data: { address: text } },
    );
  }
}

/** The transport that an address is dialled with. */
export function transportOf(address: Multiaddr): PeerConnection["transport"] {
  const parts = new Set(address.getComponents().map(({ name }) => name));
  return TRANSPORT_BY_PART.find(([part]) => parts.has(part))?.[1] ?? "other";
}

/** The id of the peer that an address leads to, if it names one: a relay on the way is not it. */
export function peerOf(address: Multiaddr): string | undefined {
  const parts = address.getComponents();
  const relayed = parts.findLastIndex(({ name }) => name === "p2p-circuit");
  return parts.slice(relayed + 1).find(({ name }) => name === "p2p")?.value;
}

/** The beginning of a multiaddr: `127.0.0.1` → `/ip4/127.0.0.1`. */
export function hostPart(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (bare === "localhost") return "/ip4/127.0.0.1";
  if (bare.includes(":")) return `/ip6/${bare}`;
  return /^\d+\.\d+\.\d+\.\d+$/.test(bare) ? `/ip4/${bare}` : `/dns/${bare}`;
}

/** The address of the WebSockets that an HTTP server on `hostname` and `port` takes. */
export function webSocketAddress(hostname: string, port: number): string {
  return `${hostPart(hostname)}/tcp/${port}/ws`;
}

/** The URL that a `/ws`, `/wss` or `/tls/ws` address stands for. */
export function webSocketUrl(address: Multiaddr): URL {
  const parts = address.getComponents();
  const host = parts.find(({ name }) => NAME_OF_HOST.has(name));
  const port = parts.find(({ name }) => name === "tcp")?.value;
  if (host?.value === undefined || port === undefined) {
    throw new InputError("invalid_input", `${address} names no host and TCP port to open`);
  }
  const isSecure = parts.some(({ name }) => name === "tls" || name === "wss");
  const hostname = host.name === "ip6" ? `[${host.value}]` : host.value;
  return new URL(`${isSecure ? "wss" : "ws"}://${hostname}:${port}/`);
}

/** An address as text, without the peer at its end. */
export function withoutPeer(address: Multiaddr): string {
  const peer = peerOf(address);
  return (peer === undefined ? address : address.decapsulate(`/p2p/${peer}`)).toString();
}

/** An address to remember for a peer, without its id; throws where it belongs to another one. */
export function addressFor(peer: string, text: string): Multiaddr {
  const address = parseAddress(text);
  const owner = peerOf(address);
  if (owner === undefined) return address;
  if (owner === peer) return address.decapsulate(`/p2p/${peer}`);
  throw new InputError("invalid_input", `${text} is an address of ${owner}, not of ${peer}`, {
    data: { address: text, peer },
  });
}
