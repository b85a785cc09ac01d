/** The libp2p node beneath a {@link import("./mesh-node.ts").MeshNode}: protocols, limits, listeners. @module */

import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify, identifyPush } from "@libp2p/identify";
import type { Libp2p, Transport } from "@libp2p/interface";

import { ping } from "@libp2p/ping";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { VERSION } from "../version.ts";
import type { DialOrder } from "./dial-order.ts";
import { createListenFailures } from "./listen-failures.ts";
import type { NodeOptions } from "./node-options.ts";
import { quietNoise } from "./quiet-noise.ts";
import { quietYamux } from "./quiet-yamux.ts";

/** libp2p, and what only its components know. */
export interface OpenedLibp2p {
  readonly libp2p: Libp2p;
  /** Every address that a transport listens on, also those that nobody has verified. */
  readonly listening: () => readonly string[];
}

const DEFAULT_MAX_CONNECTIONS = 300;

/** libp2p's 5 a second would refuse peers that share an address: a household, a proxy, this machine. */
const CONNECTIONS_PER_SECOND_AND_ADDRESS = 100;
const MAX_HANDSHAKES = 100;

/** One after the other is dialled: a dead address should not cost half of the time for all. */
const ADDRESS_DIAL_MS = 5_000;

/** libp2p forgets addresses after an hour; who is worth remembering is for the directory to say. */
const DAY_MS = 86_400_000;

/** Make and start the node; throws `address_unavailable` where a transport cannot listen. */
export async function openLibp2p(options: NodeOptions, order: DialOrder): Promise<OpenedLibp2p> {
  const failures = createListenFailures();
  let listening = (): readonly string[] => [];
  const libp2p = await createLibp2p({
    start: false,
    privateKey: options.identity.privateKey,
    nodeInfo: { name: "mcplusplus", version: VERSION },
    addresses: {
      listen: [
        ...options.transports.flatMap(({ listen }) => listen),
        ...(options.reserve ? ["/p2p-circuit"] : []),
      ],
      announce: [...(options.announce ?? [])],
    },
    transports: [
      ...options.transports.map(
        ({ create }) =>
          (components: unknown): Transport =>
            failures.watch(create(components as never) as Transport),
      ),
      circuitRelayTransport(),
    ],
    ...protocols,
    ...limits(options, order),
    services: {
      ...options.services,
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 8 }),
      listening: ({ transportManager }) => {
        listening = () => transportManager.getAddrs().map((address) => address.toString());
        return {};
      },
    },
  });
  try {
    await libp2p.start();
  } catch (error) {
    throw failures.explain(error);
  }
  return { libp2p, listening: () => listening() };
}

const protocols: Pick<Libp2pOptions, "connectionEncrypters" | "streamMuxers" | "connectionGater"> =
  {
    connectionEncrypters: [quietNoise()],
    streamMuxers: [quietYamux()],
    // In pages libp2p refuses private addresses and plain WebSockets, of which meshes at home are made.
    connectionGater: { denyDialMultiaddr: () => false },
  };

function limits(
  { maxConnections = DEFAULT_MAX_CONNECTIONS }: NodeOptions,
  { compareAddresses }: DialOrder,
): Pick<Libp2pOptions, "connectionManager" | "peerStore"> {
  return {
    connectionManager: {
      maxConnections,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND_AND_ADDRESS,
      maxIncomingPendingConnections: MAX_HANDSHAKES,
      addressDialTimeout: ADDRESS_DIAL_MS,
      addressSorter: compareAddresses,
    },
    peerStore: { maxAddressAge: DAY_MS, maxPeerAge: DAY_MS },
  };
}
