/** Multiaddrs as text: which are sound, and whose they are. @module */

import { peerIdFromString } from "@libp2p/peer-id";
import { CODE_P2P, CODE_P2P_CIRCUIT, multiaddr } from "@multiformats/multiaddr";
import { messageOf } from "../errors.ts";

/** The longest real ones, over a relay with two certificate hashes, take about 400. */
const MAX_ADDRESS_LENGTH = 1024;

/** One entry of a list, checked. */
export interface CheckedAddress {
  readonly address: string;
  /** Whose address it is, where it says so. */
  readonly peer?: string;
  /** Why it cannot be dialled; missing where it can. */
  readonly fault?: string;
}

/** Look at one address. */
export function checkAddress(text: string): CheckedAddress {
  const address = text.trim();
  if (address.length > MAX_ADDRESS_LENGTH) {
    const fault = `it has ${address.length} characters, more than ${MAX_ADDRESS_LENGTH}`;
    return { address: `${address.slice(0, 60)}…`, fault };
  }
  if (!address.startsWith("/")) {
    return {
      address,
      fault: "it is no multiaddr: those begin with /, e.g. /ip4/127.0.0.1/tcp/4001",
    };
  }
  try {
    const components = multiaddr(address).getComponents();
    if (components.length === 0) return { address, fault: "it is empty" };
    // What stands before the last relay hop names the relay.
    const own = components.slice(
      components.findLastIndex(({ code }) => code === CODE_P2P_CIRCUIT) + 1,
    );
    const peer = own.findLast(({ code }) => code === CODE_P2P)?.value;
    return peer === undefined ? { address } : { address, peer };
  } catch (cause) {
    return { address, fault: `it is no multiaddr: ${messageOf(cause)}` };
  }
}

/** Whether a text is the id of a peer. */
export function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text;
  } catch {
    return false;
  }
}

/** The peer that an address leads to; over a relay that is the one behind it. */
export function peerOf(address: string): string | undefined {
  return checkAddress(address).peer;
}

/** Sound addresses that lead to `peer` or do not say to whom: each once, and with its id. */
export function addressesOf(peer: string, addresses: readonly string[]): readonly string[] {
  const own = addresses.map(checkAddress).flatMap(({ address, peer: named, fault }) => {
    if (fault !== undefined || (named !== undefined && named !== peer)) return [];
    return named === peer ? address : `${address}/p2p/${peer}`;
  });
  return [...new Set(own)];
}

/** What a list in JSON may look like. */
function entriesOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value))
    return value.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry)));
  if (typeof value !== "object" || value === null) return undefined;
  const { addresses, peers } = value as { addresses?: unknown; peers?: unknown };
  return entriesOf(addresses ?? peers ?? null);
}

/**
 * The entries of a text: a JSON array (or an object with `addresses`), or addresses between commas,
 * spaces and line ends, where `#` begins a comment.
 */
export function parseAddressList(text: string): readonly CheckedAddress[] {
  const entries = jsonEntries(text) ?? text.replaceAll(/#.*$/gm, "").split(/[\s,]+/);
  return [...new Set(entries.map((entry) => entry.trim()).filter(Boolean))].map(checkAddress);
}

function jsonEntries(text: string): readonly string[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return entriesOf(JSON.parse(text));
  } catch {
    // It only looked like JSON; the entries are then reported as what they are.
    return undefined;
  }
}
