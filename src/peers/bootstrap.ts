/** Dials addresses, several at once, until there are enough connections. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withScope } from "../concurrency/scope.ts";
import { messageOf } from "../errors.ts";
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import { within } from "./within.ts";

/** Somebody to dial. */
export interface DialTarget {
  readonly address: string;
  readonly peer?: string | undefined;
}

/** When to stop. */
export interface DialOptions {
  /** No further dial begins once so many peers are connected. */
  readonly enough: number;
  /** Never more peers than this, those connected before included. */
  readonly maxConnections: number;
  /** Time for all of it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came of it; every target is named once, unless there were enough before. */
export interface DialOutcome {
  readonly connected: readonly { readonly peer: string; readonly address: string }[];
  readonly failed: readonly { readonly address: string; readonly reason: string }[];
}

/** What dialing needs. */
export interface DialNeeds {
  readonly node: Pick<MeshNode, "peer" | "connections" | "connect">;
  readonly clock: Clock;
  /** Whether a peer counts as a connection to the mesh. */
  readonly isMember: (peer: string) => boolean;
  /** Hears of every dial, for the books. */
  readonly dialled: (target: DialTarget, connection: PeerConnection | undefined) => void;
}

/** Dials under way at once: a dead address holds up few others. */
const CONCURRENCY = 5;

/** Dial the targets in their order. */
export async function dial(
  { node, clock, dialled, isMember }: DialNeeds,
  targets: readonly DialTarget[],
  options: DialOptions,
): Promise<DialOutcome> {
  const connected: { peer: string; address: string }[] = [];
  const failed: { address: string; reason: string }[] = [];
  const waiting = [...targets];
  const underWay = new Set<DialTarget>();
  let isOver = false;

  const connectedPeers = (): ReadonlySet<string> =>
    new Set(node.connections().map(({ peer }) => peer));
  const hasRoom = (): boolean => {
    const peers = [...connectedPeers()];
    const members = peers.filter(isMember).length;
    return members < options.enough && peers.length + underWay.size < options.maxConnections;
  };
  const dialOne = async (target: DialTarget, signal: AbortSignal): Promise<void> => {
    const { address } = target;
    const open = node.connections().find((connection) => leadsTo(connection, target));
    if (open) {
      connected.push({ peer: open.peer, address });
      return;
    }
    underWay.add(target);
    try {
      const connection = await node.connect(address, { signal });
      if (!isOver) connected.push({ peer: connection.peer, address });
      dialled(target, connection);
    } catch (error) {
      if (!isOver) failed.push({ address, reason: messageOf(error) });
      // What the caller called off says nothing of the peer.
      if (!options.signal.aborted) dialled(target, undefined);
    } finally {
      underWay.delete(target);
    }
  };
  const work = async (signal: AbortSignal): Promise<void> => {
    while (hasRoom() && !signal.aborted) {
      const target = waiting.shift();
      if (!target) return;
      if (target.peer !== node.peer) await dialOne(target, signal);
    }
  };

  const what = "The addresses were not all tried";
  const limits = { clock, ms: options.timeoutMs, signal: options.signal, what };
  const all = within(limits, (signal) =>
    withScope(async (scope) => {
      for (let worker = 0; worker < CONCURRENCY; worker += 1) scope.start(() => work(signal));
    }),
  );
  await all.catch((error: unknown) => {
    options.signal.throwIfAborted();
    const reason = messageOf(error);
    failed.push(...[...underWay, ...waiting].map(({ address }) => ({ address, reason })));
  });
  isOver = true;
  return { connected, failed };
}

/** Whether a connection is one to this target; an address without an id may be known with one. */
export function leadsTo(
  connection: Pick<PeerConnection, "peer" | "address">,
  { address, peer }: DialTarget,
): boolean {
  if (peer !== undefined) return connection.peer === peer;
  return connection.address === address || connection.address.startsWith(`${address}/p2p/`);
}
