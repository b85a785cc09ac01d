/** Schemas that the tools of peers share. @module */

import * as v from "valibot";
import type { ConnectionInfo, PeerInfo, SignedRecord } from "../../src/tool.ts";

export { whole } from "../../src/tool.ts";

/** Where peers are found. */
export const SOURCES = [
  "file",
  "env",
  "public",
  "mdns",
  "dht",
  "rendezvous",
  "github",
  "peers",
] as const;

/** One of {@link SOURCES}. */
export type SourceName = (typeof SOURCES)[number];

/** Sources by name; each once. */
export function sourcesSchema(description: string): v.GenericSchema<SourceName[]> {
  return v.pipe(
    v.array(v.picklist(SOURCES)),
    v.minLength(1),
    v.maxLength(SOURCES.length),
    v.description(description),
  );
}

/** Words of what a peer can do. */
export const abilitiesSchema: v.GenericSchema<string[]> = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  v.maxLength(64),
);

/** Multiaddrs. */
export const addressesSchema: v.GenericSchema<string[]> = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
  v.minLength(1),
  v.maxLength(32),
);

/** A peer's id or one of its addresses. */
export const peerSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1024),
  v.description("Peer id (12D3KooW…) or multiaddr"),
);

/** Checks and describes a {@link PeerInfo}. */
export const peerInfoSchema: v.GenericSchema<PeerInfo> = v.object({
  peer: v.string(),
  name: v.exactOptional(v.pipe(v.string(), v.description("How its server calls itself"))),
  host: v.exactOptional(v.pipe(v.string(), v.description("node, bun, deno or web"))),
  addresses: v.array(v.string()),
  abilities: v.array(v.string()),
  source: v.pipe(
    v.picklist([...SOURCES, "connection"]),
    v.description("What told of it first; connection: it, or this server, dialled"),
  ),
  isConnected: v.boolean(),
  via: v.exactOptional(v.pipe(v.string(), v.description("Transport of its best connection"))),
  isRelayed: v.exactOptional(v.boolean()),
  rttMs: v.exactOptional(v.number()),
  load: v.exactOptional(v.pipe(v.number(), v.description("Calls of ours that run there now"))),
  tools: v.exactOptional(v.pipe(v.number(), v.description("How many of its tools are open to us"))),
  lastSeen: v.string(),
  ageMs: v.number(),
  expiresAt: v.exactOptional(v.pipe(v.string(), v.description("End of its signed record"))),
});

/** Checks and describes a {@link ConnectionInfo}. */
export const connectionSchema: v.GenericSchema<ConnectionInfo> = v.object({
  peer: v.string(),
  name: v.exactOptional(v.string()),
  address: v.string(),
  transport: v.string(),
  direction: v.picklist(["inbound", "outbound"]),
  isRelayed: v.boolean(),
  streams: v.number(),
  bytesIn: v.pipe(v.number(), v.description("Of calls between the two, over all connections")),
  bytesOut: v.number(),
  rttMs: v.exactOptional(v.number()),
  ageMs: v.number(),
  protocols: v.array(v.string()),
  abilities: v.array(v.string()),
});

/** Checks and describes a {@link SignedRecord}. */
export const recordSchema: v.GenericSchema<SignedRecord> = v.object({
  peer: v.string(),
  addresses: v.array(v.string()),
  abilities: v.array(v.string()),
  interfaces: v.pipe(v.array(v.string()), v.description("CIDs of the interfaces of its tools")),
  name: v.exactOptional(v.string()),
  host: v.exactOptional(v.string()),
  sequence: v.number(),
  expiresAt: v.string(),
  signature: v.pipe(
    v.string(),
    v.description("Ed25519, base64url, over the DAG-CBOR of the other fields"),
  ),
});
