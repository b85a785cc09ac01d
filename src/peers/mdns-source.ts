/** Peers on the local network, as the host finds them. @module */

import type { Clock } from "../concurrency/clock.ts";
import { UnavailableError } from "../errors.ts";
import type { Host, LocalNetwork } from "../host.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";

/** What the source needs. */
export interface MdnsSourceNeeds {
  readonly join: NonNullable<Host["joinLocalNetwork"]>;
  readonly node: Pick<MeshNode, "peer" | "addresses">;
  readonly network: string;
  /** Whether this node answers, or only asks. */
  readonly isTold: boolean;
  readonly clock: Clock;
}

/** Neighbours answer every ten seconds while they are there. */
const FORGET_MS = 60_000;

/** The first answers come within milliseconds; nobody waits longer for them. */
const FIRST_LOOK_MS = 500;

interface Neighbour {
  readonly addresses: readonly string[];
  readonly seenAt: number;
}

/** The local network as a source. */
export function createMdnsSource(needs: MdnsSourceNeeds): DiscoverySource {
  const { join, node, network, isTold, clock } = needs;
  const neighbours = new Map<string, Neighbour>();
  let joining: Promise<LocalNetwork> | undefined;
  let openedAt = 0;
  let failure: Error | undefined;

  const ensure = (): Promise<LocalNetwork> => {
    if (joining) return joining;
    openedAt = clock.monotonic();
    joining = join({
      service: `_mcpp-${network}._udp.local`,
      addresses: () => (isTold ? node.addresses().filter(isReachable) : []),
      found(peer, addresses) {
        failure = undefined;
        if (peer !== node.peer) neighbours.set(peer, { addresses, seenAt: clock.now() });
      },
      failed(error) {
        failure = error;
      },
    });
    // The next question tries again.
    joining.catch(() => {
      joining = undefined;
    });
    return joining;
  };
  return {
    name: "mdns",
    async open() {
      await ensure();
    },
    async find({ limit, signal }) {
      await ensure();
      const waitMs = openedAt + FIRST_LOOK_MS - clock.monotonic();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      if (failure && neighbours.size === 0) throw unreachable(failure);
      return sightings(neighbours, clock.now()).slice(0, limit);
    },
    async close() {
      const open = joining;
      joining = undefined;
      neighbours.clear();
      await (await open)?.leave();
    },
  };
}

function sightings(neighbours: Map<string, Neighbour>, now: number): readonly PeerSighting[] {
  const found: PeerSighting[] = [];
  for (const [peer, { addresses, seenAt }] of neighbours) {
    if (now - seenAt > FORGET_MS) neighbours.delete(peer);
    else found.push({ peer, addresses, lastSeen: seenAt });
  }
  return found.reverse();
}

function unreachable(cause: Error): UnavailableError {
  return new UnavailableError(
    "runtime_unavailable",
    `The local network could not be asked: ${cause.message}`,
    { cause },
  );
}

/** Whether others than this machine may reach an address. */
export function isReachable(address: string): boolean {
  return !/^\/(ip4\/127\.|ip6\/::1\/|memory\/)/.test(address);
}
