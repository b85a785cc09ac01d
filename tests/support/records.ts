/** Signed records for tests. @module */

import type { Identity } from "../../src/mesh/identity.ts";
import { type RecordContent, signRecord } from "../../src/peers/peer-record.ts";
import type { SignedRecord } from "../../src/registry/peers.ts";
import { anyIdentity } from "./mesh-nodes.ts";

/** When the fake clock begins. */
export const START: number = Date.UTC(2026, 0, 1);

/** What a node may say of itself at {@link START}, for half an hour. */
export function contentOf(changes: Partial<RecordContent> = {}): RecordContent {
  return {
    addresses: ["/ip4/192.0.2.7/tcp/4001"],
    abilities: [],
    interfaces: [],
    name: "studio",
    host: "node",
    sequence: 1,
    expiresAt: new Date(START + 30 * 60_000).toISOString(),
    ...changes,
  };
}

/** A record of somebody. */
export async function anyRecord(
  changes: Partial<RecordContent> = {},
  identity?: Identity,
): Promise<SignedRecord> {
  return await signRecord(contentOf(changes), identity ?? (await anyIdentity()));
}
