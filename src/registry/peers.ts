/**
 * What tools, HTTP and the command line see of the mesh. Satisfied by `src/peers`; types only.
 *
 * Peers are named by their id (`12D3KooW…`), addresses are multiaddrs, times ISO-8601, spans ms.
 *
 * @module
 */

import type { PeerLimits } from "./peer-limits.ts";

/** Where a peer was learnt of. */
export type PeerSource =
  | "file"
  | "env"
  | "public"
  | "mdns"
  | "dht"
  | "rendezvous"
  | "github"
  | "peers";

/** A peer as the directory knows it. */
export interface PeerInfo {
  readonly peer: string;
  /** The name its server gave itself. */
  readonly name?: string;
  /** `node`, `bun`, `deno`, `web`. */
  readonly host?: string;
  readonly addresses: readonly string[];
  readonly abilities: readonly string[];
  readonly source: PeerSource | "connection";
  readonly isConnected: boolean;
  /** Transport of its best connection. */
  readonly via?: string;
  readonly isRelayed?: boolean;
  readonly rttMs?: number;
  /** Calls in flight there, as far as we sent them. */
  readonly load?: number;
  /** Number of its tools that we may see. */
  readonly tools?: number;
  readonly lastSeen: string;
  readonly ageMs: number;
  /** End of its signed record. */
  readonly expiresAt?: string;
}

/** What one source of peers brought. */
export interface SourceReport {
  readonly source: PeerSource;
  readonly found: number;
  readonly ms: number;
  readonly error?: string;
}

/** A signed record, as JSON carries it. */
export interface SignedRecord {
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly abilities: readonly string[];
  /** CIDs of the interfaces of its tools. */
  readonly interfaces: readonly string[];
  readonly name?: string;
  readonly host?: string;
  readonly sequence: number;
  readonly expiresAt: string;
  /** Base64url of the Ed25519 signature over the canonical DAG-CBOR of the rest. */
  readonly signature: string;
}

/** A connection, as lists show it. */
export interface ConnectionInfo {
  readonly peer: string;
  readonly name?: string;
  readonly address: string;
  readonly transport: string;
  readonly direction: "inbound" | "outbound";
  readonly isRelayed: boolean;
  readonly streams: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rttMs?: number;
  readonly ageMs: number;
  readonly protocols: readonly string[];
  readonly abilities: readonly string[];
}

/** Numbers about calls between this node and a peer. */
export interface PeerMetrics {
  readonly peer: string;
  readonly windowMs: number;
  readonly calls: number;
  readonly errors: number;
  readonly served: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Part of the calls that found a warm stream, 0 to 1. */
  readonly reuseRatio: number;
  readonly dials: number;
  readonly dialFailures: number;
  readonly breaker: "closed" | "open" | "half-open";
}

/** One address that a bootstrap source gave. */
export interface BootstrapAddress {
  readonly address: string;
  readonly isValid: boolean;
  /** Why it is not valid, or why it was not dialled or not reached. */
  readonly reason?: string;
  readonly isConnected: boolean;
}

/** What a bootstrap source gave. */
export interface BootstrapReport {
  readonly source: "file" | "env" | "public" | "config";
  /** The file, variable or setting that was read. */
  readonly from: string;
  readonly addresses: readonly BootstrapAddress[];
}

/** The address by which the internet sees this machine. */
export interface PublicAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  /** Services that said so, of those that answered. */
  readonly agreed: number;
  readonly asked: number;
  readonly sources: readonly {
    readonly source: string;
    readonly address?: string;
    readonly error?: string;
  }[];
}

/** The mesh of this server. */
export interface Peers {
  self(): {
    readonly peer: string;
    readonly did: string;
    readonly name: string;
    readonly addresses: readonly string[];
  };
  register(options: {
    readonly abilities?: readonly string[] | undefined;
    readonly addresses?: readonly string[] | undefined;
    readonly ttlMs: number;
    readonly registries?: readonly PeerSource[] | undefined;
    readonly signal: AbortSignal;
  }): Promise<{
    readonly record: SignedRecord;
    readonly published: readonly {
      readonly registry: PeerSource;
      readonly ok: boolean;
      readonly error?: string;
    }[];
  }>;
  discover(options: {
    readonly sources?: readonly PeerSource[] | undefined;
    readonly ability?: string | undefined;
    readonly limit: number;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly peers: readonly PeerInfo[]; readonly sources: readonly SourceReport[] }>;
  bootstrap(options: {
    readonly addresses?: readonly string[] | undefined;
    readonly minConnections: number;
    readonly maxConnections: number;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<{
    readonly connected: readonly { readonly peer: string; readonly address: string }[];
    readonly failed: readonly { readonly address: string; readonly reason: string }[];
    readonly isReady: boolean;
  }>;
  cleanup(options: {
    readonly olderThanMs: number;
    readonly isDryRun: boolean;
    readonly signal: AbortSignal;
  }): Promise<{ readonly removed: readonly string[]; readonly kept: number }>;
  publicIp(options: {
    readonly refresh: boolean;
    readonly signal: AbortSignal;
  }): Promise<PublicAddress>;
  /** Every known peer, in a fixed order. */
  known(): readonly PeerInfo[];
  connect(options: {
    readonly peer: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<ConnectionInfo>;
  disconnect(peer: string, reason?: string): Promise<{ readonly wasConnected: boolean }>;
  connections(): Promise<readonly ConnectionInfo[]>;
  metrics(options: { readonly peer?: string | undefined; readonly windowMs: number }): {
    readonly peers: readonly PeerMetrics[];
    readonly limits: PeerLimits;
  };
  ping(peer: string, signal: AbortSignal): Promise<number>;
  /** Read a bootstrap source and dial what it gives, unless dry. */
  readBootstrap(
    source: "file" | "env" | "public" | "config",
    options: {
      readonly path?: string | undefined;
      readonly name?: string | undefined;
      readonly limit?: number | undefined;
      readonly isDryRun?: boolean | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<BootstrapReport>;
}
