/**
 * One node in a registry of GitHub issues: a comment with a marker, and a block of JSON.
 *
 * The fields are those of the Python ancestor, whose nodes read and write the same comments; our
 * signed record rides in `metadata.record`. Without it a comment is an address to try, no more.
 *
 * @module
 */

import * as v from "valibot";
import type { SignedRecord } from "../registry/peers.ts";
import type { PeerSighting } from "./source.ts";

/** What stands in a comment. */
export interface NodeComment {
  /** What follows the registry's name in the marker. */
  readonly node: string;
  readonly sighting: PeerSighting & { readonly peer: string };
}

const text = (length: number) => v.pipe(v.string(), v.maxLength(length));

const BlockSchema = v.looseObject({
  peer_id: text(128),
  runner_name: v.nullish(text(256)),
  public_ip: v.nullish(text(64)),
  listen_port: v.nullish(v.number()),
  multiaddr: v.nullish(text(1024)),
  last_seen: v.nullish(text(64)),
  metadata: v.nullish(v.looseObject({ record: v.nullish(v.unknown()) })),
});

const escaped = (words: string): string => words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The first line of a node's comment. */
export const markerOf = (registry: string, node: string): string => `<!-- ${registry}:${node} -->`;

/** The comment of a node. */
export function formatComment(registry: string, record: SignedRecord, now: number): string {
  const [multiaddr = ""] = record.addresses;
  const [, ip, port] = /^\/ip[46]\/([^/]+)\/(?:tcp|udp)\/(\d+)/.exec(multiaddr) ?? [];
  const block = {
    peer_id: record.peer,
    runner_name: record.name ?? record.peer,
    public_ip: ip ?? null,
    listen_port: port === undefined ? null : Number(port),
    multiaddr,
    last_seen: new Date(now).toISOString(),
    metadata: { record },
  };
  const json = JSON.stringify(block, undefined, 2);
  return `${markerOf(registry, record.peer)}\n\`\`\`json\n${json}\n\`\`\`\n`;
}

/** A node's comment; missing where it is another registry's, or somebody's words. */
export function parseComment(registry: string, body: string): NodeComment | undefined {
  const marker = new RegExp(`^\\s*<!-- ${escaped(registry)}:(\\S+) -->`).exec(body);
  const json = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(body)?.[1];
  if (!marker || json === undefined) return undefined;
  const block = blockOf(json);
  if (!block) return undefined;
  const { peer_id: peer, multiaddr, metadata, last_seen: lastSeen } = block;
  const seenAt = Date.parse(lastSeen ?? "");
  return {
    node: marker[1] ?? "",
    sighting: {
      peer,
      addresses: addressesIn(multiaddr, block.public_ip, block.listen_port),
      ...(metadata?.record != null && { record: metadata.record }),
      ...(Number.isFinite(seenAt) && { lastSeen: seenAt }),
    },
  };
}

function blockOf(json: string): v.InferOutput<typeof BlockSchema> | undefined {
  try {
    const parsed = v.safeParse(BlockSchema, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Anybody may write a comment; one that holds no JSON is not ours.
    return undefined;
  }
}

function addressesIn(
  multiaddr: string | null | undefined,
  ip: string | null | undefined,
  port: number | null | undefined,
): readonly string[] {
  if (multiaddr) return [multiaddr];
  if (!ip || port == null) return [];
  return [`/${ip.includes(":") ? "ip6" : "ip4"}/${ip}/tcp/${port}`];
}
