/** A {@link MeshNode} of libp2p, from an identity and a host's transports. @module */

import type { Connection, IdentifyResult, Libp2p, PeerId, Stream } from "@libp2p/interface";
import { type Clock, systemClock } from "../concurrency/clock.ts";
import { MeshError, messageOf, UnavailableError } from "../errors.ts";
import { addressFor } from "./addresses.ts";
import { connect } from "./connect.ts";
import { type Connections, watchConnections } from "./connections.ts";
import { createDialOrder } from "./dial-order.ts";
import { hangUp } from "./hang-up.ts";
import { parsePeer } from "./identity.ts";
import type { MeshNode, PeerEvent } from "./mesh-node.ts";
import type { NodeOptions } from "./node-options.ts";
import { type OpenedLibp2p, openLibp2p } from "./open-libp2p.ts";
import { ping } from "./ping.ts";
import { stopNode } from "./stop-node.ts";
import { within } from "./within.ts";

/** What the parts of a node share. */
interface Inside extends OpenedLibp2p {
  readonly connections: Connections;
  readonly clock: Clock;
  /** Only given addresses are told. */
  readonly isAnnounced: boolean;
}

/** Start a node; throws `address_unavailable` where a transport cannot listen. */
export async function createNode(options: NodeOptions): Promise<MeshNode> {
  const { clock = systemClock, announce = [] } = options;
  const order = createDialOrder(options.transports);
  const opened = await openLibp2p(options, order);
  const { libp2p } = opened;
  const connections = watchConnections(libp2p, order);
  const inside: Inside = { ...opened, connections, clock, isAnnounced: announce.length > 0 };
  let stopping: Promise<void> | undefined;
  return {
    peer: libp2p.peerId.toString(),
    libp2p,
    ...lookingAt(inside),
    ...reaching(inside),
    ...streaming(inside),
    onPeer: (listener) => follow(libp2p, listener),
    onAddresses(listener) {
      const changed = (): void => listener();
      libp2p.addEventListener("self:peer:update", changed);
      return () => libp2p.removeEventListener("self:peer:update", changed);
    },
    stop() {
      stopping ??= stopNode(libp2p, clock);
      return stopping;
    },
  };
}

function lookingAt(
  inside: Inside,
): Pick<
  MeshNode,
  "addresses" | "observedAddresses" | "connections" | "protocolsOf" | "learn" | "forget"
> {
  const { libp2p, listening, connections, clock, isAnnounced } = inside;
  const own = libp2p.peerId.toString();
  return {
    addresses() {
      const told = libp2p.getMultiaddrs().map((address) => address.toString());
      if (isAnnounced) return told;
      // libp2p keeps public ones to itself until somebody has verified them.
      const suffix = `/p2p/${own}`;
      const others = listening().map((one) => (one.endsWith(suffix) ? one : `${one}${suffix}`));
      return [...new Set([...told, ...others])];
    },
    observedAddresses: connections.observed,
    connections: (peer) => connections.list(peer).map(connections.describe),
    async protocolsOf(peer) {
      const connection = connections.best(peer);
      // Every connection begins with identify, whose answer may still be on its way.
      if (connection && !connections.isIdentified(connection)) {
        const wait = (signal: AbortSignal): Promise<void> => identified(libp2p, connection, signal);
        await within(wait, { clock, options: undefined, what: `Asking ${peer} what it speaks` });
      }
      const id = parsePeer(peer);
      return (await libp2p.peerStore.has(id)) ? (await libp2p.peerStore.get(id)).protocols : [];
    },
    async learn(peer, addresses) {
      const multiaddrs = addresses.map((address) => addressFor(peer, address));
      if (peer !== own) await libp2p.peerStore.merge(parsePeer(peer), { multiaddrs });
    },
    async forget(peer) {
      const id = parsePeer(peer);
      if (await libp2p.peerStore.has(id)) await libp2p.peerStore.patch(id, { multiaddrs: [] });
    },
  };
}

function reaching(inside: Inside): Pick<MeshNode, "connect" | "disconnect" | "ping"> {
  const { libp2p, connections, clock } = inside;
  return {
    async connect(target, options) {
      const dial = (signal: AbortSignal): Promise<Connection> => connect(libp2p, target, signal);
      const opened = await within(dial, { clock, options, what: `Connecting to ${target}` });
      const best = connections.best(opened.remotePeer.toString());
      return connections.describe(best ?? opened);
    },
    async disconnect(peer) {
      if (connections.list(peer).length === 0) return false;
      await hangUp(libp2p, [parsePeer(peer)], clock);
      return true;
    },
    async ping(peer, options) {
      const measure = async (signal: AbortSignal): Promise<number> => {
        const connection = await connectionTo(inside, peer, signal);
        const ms = await speaking(peer, () => ping(connection, clock, signal));
        connections.setRtt(connection, ms);
        return ms;
      };
      return await within(measure, { clock, options, what: `A ping to ${peer}` });
    },
  };
}

function streaming(inside: Inside): Pick<MeshNode, "openStream" | "handle"> {
  const { libp2p, clock } = inside;
  return {
    async openStream(peer, protocol, options) {
      const open = async (signal: AbortSignal): Promise<Stream> => {
        const connection = await connectionTo(inside, peer, signal);
        const how = { signal, runOnLimitedConnection: true };
        return speaking(peer, () => connection.newStream(protocol, how));
      };
      const what = `Opening a stream for ${protocol} to ${peer}`;
      return await within(open, { clock, options, what });
    },
    async handle(protocol, serve, { maxInboundStreams } = {}) {
      await libp2p.handle(
        protocol,
        (stream, { remotePeer }) => serve(stream, remotePeer.toString()),
        {
          runOnLimitedConnection: true,
          ...(maxInboundStreams === undefined ? {} : { maxInboundStreams }),
        },
      );
      return () => libp2p.unhandle(protocol);
    },
  };
}

/** The best open connection, or a new one. */
async function connectionTo(
  { libp2p, connections }: Inside,
  peer: string,
  signal: AbortSignal,
): Promise<Connection> {
  return connections.best(peer) ?? (await connect(libp2p, peer, signal));
}

/** Use a connection; what goes wrong there is the peer's to answer for. */
async function speaking<T>(peer: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof MeshError) throw cause;
    const message = `${peer} is connected, but did not open the stream: ${messageOf(cause)}`;
    throw new UnavailableError("peer_unreachable", message, { cause, data: { peer } });
  }
}

function follow(libp2p: Libp2p, listener: (event: PeerEvent) => void): () => void {
  const tell =
    (type: PeerEvent["type"]) =>
    ({ detail }: CustomEvent<PeerId>): void =>
      listener({ type, peer: detail.toString() });
  const connected = tell("connected");
  const disconnected = tell("disconnected");
  libp2p.addEventListener("peer:connect", connected);
  libp2p.addEventListener("peer:disconnect", disconnected);
  return () => {
    libp2p.removeEventListener("peer:connect", connected);
    libp2p.removeEventListener("peer:disconnect", disconnected);
  };
}

/** Resolves when the other end of a connection has said who it is. */
function identified(libp2p: Libp2p, { id }: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = ({ detail }: CustomEvent<IdentifyResult>): void => {
      if (detail.connection.id === id) end(resolve);
    };
    const abort = (): void => end(() => reject(signal.reason));
    const end = (settle: () => void): void => {
      libp2p.removeEventListener("peer:identify", check);
      signal.removeEventListener("abort", abort);
      settle();
    };
    libp2p.addEventListener("peer:identify", check);
    signal.addEventListener("abort", abort);
  });
}
