/**
 * libp2p over the web's own sockets: dials with `WebSocket`, and takes what the HTTP port accepted,
 * so that MCP, the mesh and pages share one port.
 *
 * @module
 */

import {
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type ListenerEvents,
  serviceCapabilities,
  type Transport,
  TypedEventEmitter,
  transportSymbol,
} from "@libp2p/interface";
import { getThinWaistAddresses, ipPortToMultiaddr } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";
import { WebSockets, WebSocketsSecure } from "@multiformats/multiaddr-matcher";
import { type Clock, systemClock } from "../concurrency/clock.ts";
import type { AcceptedSocket, HostTransport, SocketFeed } from "../host.ts";
import { webSocketUrl } from "./addresses.ts";
import { type DialSocket, dialSocket } from "./dial-socket.ts";
import { WebSocketConnection } from "./web-socket-connection.ts";

/** A transport that dials; with a feed it also listens. */
export interface WebSocketTransportOptions {
  /** What the HTTP port accepts, and its addresses, e.g. `webSocketAddress("127.0.0.1", 8000)`. */
  readonly accepts?: { readonly feed: SocketFeed; readonly listen: readonly string[] };
  /** Left out, the web's own `WebSocket`. */
  readonly dial?: DialSocket;
  readonly clock?: Clock;
}

interface Needs {
  readonly feed: SocketFeed | undefined;
  readonly dial: DialSocket;
  readonly clock: Clock;
  readonly logger: ComponentLogger;
}

/** The mesh's WebSocket transport. */
export function createWebSocketTransport(options: WebSocketTransportOptions = {}): HostTransport {
  const { accepts, dial = dialSocket, clock = systemClock } = options;
  return {
    name: "websocket",
    listen: accepts?.listen ?? [],
    create: ({ logger }: { readonly logger: ComponentLogger }) =>
      new WebSocketTransport({ feed: accepts?.feed, dial, clock, logger }),
  };
}

const isWebSocket = (address: Multiaddr): boolean =>
  WebSockets.exactMatch(address) || WebSocketsSecure.exactMatch(address);

class WebSocketTransport implements Transport {
  readonly [transportSymbol] = true;
  readonly [Symbol.toStringTag] = "mcplusplus/websocket";
  readonly [serviceCapabilities]: string[] = ["@libp2p/transport"];
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const { dial, clock, logger } = this.#needs;
    const socket = await dial(webSocketUrl(address), options.signal);
    const log = logger.forComponent("mcplusplus:websocket");
    const connection = new WebSocketConnection({
      socket,
      clock,
      log,
      remoteAddr: address,
      direction: "outbound",
    });
    try {
      return await options.upgrader.upgradeOutbound(connection, options);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  createListener(options: CreateListenerOptions): Listener {
    return new WebSocketListener(this.#needs, options);
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.#needs.feed ? addresses.filter(isWebSocket) : [];
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(isWebSocket);
  }
}

/** The HTTP server listens; this takes what it accepted. */
class WebSocketListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #needs: Needs;
  readonly #upgrader: CreateListenerOptions["upgrader"];
  readonly #stopping = new AbortController();
  #listensOn: Multiaddr | undefined;

  constructor(needs: Needs, { upgrader }: CreateListenerOptions) {
    super();
    this.#needs = needs;
    this.#upgrader = upgrader;
  }

  async listen(address: Multiaddr): Promise<void> {
    this.#listensOn = address;
    this.#needs.feed?.take((socket) => this.#take(socket));
    this.safeDispatchEvent("listening");
  }

  getAddrs(): Multiaddr[] {
    const at = this.#listensOn;
    if (!at) return [];
    const isSecure = WebSocketsSecure.exactMatch(at);
    return getThinWaistAddresses(at).map((host) => host.encapsulate(isSecure ? "/tls/ws" : "/ws"));
  }

  updateAnnounceAddrs(): void {}

  async close(): Promise<void> {
    this.#needs.feed?.refuse();
    this.#listensOn = undefined;
    this.#stopping.abort();
    this.safeDispatchEvent("close");
  }

  #take(socket: AcceptedSocket): void {
    const { hostname, port } = socket.remote;
    const { clock, logger } = this.#needs;
    const connection = new WebSocketConnection({
      socket,
      clock,
      log: logger.forComponent("mcplusplus:websocket"),
      remoteAddr: ipPortToMultiaddr(hostname, port).encapsulate("/ws"),
      direction: "inbound",
    });
    this.#upgrader
      .upgradeInbound(connection, { signal: this.#stopping.signal })
      .catch((error: Error) => connection.abort(error));
  }
}
