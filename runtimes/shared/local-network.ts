/** The local network through libp2p's mDNS, which finds peers between Node, Bun and Deno in all directions. @module */

import { mdns } from "@libp2p/mdns";
import { multiaddr } from "@multiformats/multiaddr";
import type { LocalNetwork, LocalNetworkOptions } from "../../src/host.ts";

/** Between two questions; answers come within milliseconds. */
const ASK_EVERY_MS = 10_000;

type Components = Parameters<ReturnType<typeof mdns>>[0];

/** Take part; rejects where the host has no UDP. */
export async function joinLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { service, addresses, found } = options;
  // It asks for nothing else of a node. A node's own service could not be told when to listen.
  const components = {
    addressManager: { getAddresses: () => addresses().map((address) => multiaddr(address)) },
    logger: { forComponent: () => loggerOf(options) },
  } as unknown as Components;
  const discovery = mdns({ serviceTag: service, interval: ASK_EVERY_MS })(components);
  discovery.addEventListener("peer", ({ detail: { id, multiaddrs } }) => {
    found(id.toString(), multiaddrs.map(String));
  });
  const life = discovery as typeof discovery & Life;
  await life.start();
  return { leave: () => life.stop() };
}

/** What libp2p would call. */
interface Life {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Errors of the socket reach us only through its log. */
function loggerOf({ failed }: LocalNetworkOptions): unknown {
  const silent = (): void => {};
  const error = (format: string, cause: unknown): void =>
    failed(cause instanceof Error ? cause : new Error(`mDNS: ${format}`));
  return Object.assign(silent, { trace: silent, error, enabled: false });
}
