/** Connecting to a peer, with the reason of each address that failed. @module */

import type { Address, Connection, Libp2p } from "@libp2p/interface";
import { InputError, MeshError, messageOf, UnavailableError } from "../errors.ts";
import { parseAddress, peerOf, transportOf } from "./addresses.ts";
import { parsePeer } from "./identity.ts";

/** One address that was tried, and why it did not work. */
interface Attempt {
  readonly address: string;
  readonly reason: string;
}

/** A handshake of WebRTC on a busy machine fails one time in twenty, at once. */
const MAX_DIALS = 3;

/** Dial a peer's id or a multiaddr. */
export async function connect(
  libp2p: Libp2p,
  target: string,
  signal: AbortSignal,
  dials = 1,
): Promise<Connection> {
  const address = target.startsWith("/") ? parseAddress(target) : undefined;
  const peer = address ? peerOf(address) : target;
  if (peer === libp2p.peerId.toString()) {
    throw new InputError("invalid_input", `${target} is this node itself`, { data: { target } });
  }
  let tried: readonly Address[] = [];
  try {
    return await libp2p.dial(address ?? parsePeer(target), {
      signal,
      onProgress: ({ type, detail }) => {
        // Later ones are of dials within a dial, such as that to a relay.
        if (type === "dial-queue:calculated-addresses" && tried.length === 0) {
          tried = [...(detail as Address[])];
        }
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    const overWebRtc = tried.some(({ multiaddr }) => transportOf(multiaddr) === "webrtc");
    if (overWebRtc && dials < MAX_DIALS) return connect(libp2p, target, signal, dials + 1);
    throw error instanceof MeshError ? error : unreachable(target, tried, error);
  }
}

function unreachable(target: string, tried: readonly Address[], cause: unknown): UnavailableError {
  // libp2p dials one address after the other and keeps their errors in the same order.
  const errors: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  const attempts: readonly Attempt[] = tried.map(({ multiaddr }, index) => ({
    address: multiaddr.toString(),
    reason: errors[index] === undefined ? "not tried" : messageOf(errors[index]),
  }));
  const reasons = attempts.map(({ address, reason }) => `${address}: ${reason}`);
  const message =
    attempts.length > 0
      ? `${target} was reached at none of its addresses. ${reasons.join("; ")}`
      : `${target} could not be dialled: ${sentenceOf(cause)}`;
  return new UnavailableError("peer_unreachable", message, {
    cause,
    data: { target, attempts },
  });
}

/** libp2p's own sentence, or ours where it names only its insides. */
function sentenceOf(cause: unknown): string {
  const { name } = cause as { readonly name?: unknown };
  return name === "NoValidAddressesError"
    ? "no address of it is known that this host has a transport for; connect to a multiaddr, or discover peers first"
    : messageOf(cause);
}
