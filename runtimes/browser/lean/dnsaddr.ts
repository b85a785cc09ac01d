/**
 * In pages, for libp2p's resolver of `/dnsaddr`, which asks DNS servers over HTTPS: names in `/dns`,
 * `/dns4` and `/dns6` are the browser's to resolve.
 *
 * @module
 */

import type { Multiaddr } from "@multiformats/multiaddr";
import { UnavailableError } from "../../../src/errors.ts";

/** Refuses what only DNS could tell. */
export const dnsaddrResolver = {
  canResolve: (address: Multiaddr): boolean =>
    address.getComponents().some(({ name }) => name === "dnsaddr"),
  async resolve(address: Multiaddr): Promise<Multiaddr[]> {
    throw new UnavailableError(
      "address_unavailable",
      `A page cannot look up ${address}: give it the address that stands there, such as /dns4/…/tcp/443/tls/ws`,
      { data: { address: address.toString() } },
    );
  },
};
