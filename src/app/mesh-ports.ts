/** Ports for peers that nobody chose: they give way where another program has them. @module */

import type { MeshNeeds } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { UnavailableError } from "../errors.ts";

/** Where peers may reach this host. */
export type MeshPorts = Pick<
  Config["mesh"],
  "tcpPort" | "quicPort" | "webRtcPort" | "webTransportPort"
>;

/** What a port has in the address on which nothing could listen. */
const MARKS = [
  ["tcpPort", /\/tcp\/\d+$/],
  ["webRtcPort", /\/webrtc-direct/],
] as const;

/**
 * Open with the ports of the configuration. One that is the default and taken becomes any free one,
 * which is said; one that somebody chose is an error.
 */
export async function withFreePorts<T>(
  needs: Pick<MeshNeeds, "config" | "isDefault" | "log">,
  open: (ports: MeshPorts) => Promise<T>,
): Promise<T> {
  let ports: MeshPorts = needs.config().mesh;
  for (;;) {
    try {
      return await open(ports);
    } catch (error) {
      const key = keyOf(error);
      if (!key || ports[key] === 0 || !needs.isDefault(`mesh.${key}`)) throw error;
      needs.log.warning(
        `mesh: the default port ${ports[key]} is taken, so peers reach this server at any free one; set mesh.${key} to choose it`,
        { error },
      );
      ports = { ...ports, [key]: 0 };
    }
  }
}

function keyOf(error: unknown): (typeof MARKS)[number][0] | undefined {
  if (!(error instanceof UnavailableError) || error.code !== "address_unavailable")
    return undefined;
  const address = String(error.data.address);
  return MARKS.find(([, mark]) => mark.test(address))?.[0];
}
