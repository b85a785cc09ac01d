/** Proofs of runs that were tampered with. */

import { CarBufferReader } from "@ipld/car/buffer-reader";
import { blockLength, createWriter, headerLength } from "@ipld/car/buffer-writer";
import { decode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { blockOf, cidOf } from "../../src/ipld/block.ts";
import type { LogHeader } from "../../src/queue/log-draft.ts";
import type { ProofRoot } from "../../src/workflow/record/proof-root.ts";

/** A block, and what it is said to be called. */
export interface NamedBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** An event of any type. */
export type Fields = Record<string, unknown> & { number: number; task: string; type: string };

/** A commit that may be changed. */
export interface OpenCommit {
  readonly cid: string;
  readonly header: { -readonly [Key in keyof LogHeader]: LogHeader[Key] };
  /** Events that are there, and the CIDs of those that are not; missing where none is. */
  readonly list: (Fields | CID)[] | undefined;
}

/** The blocks of a CAR file. */
export function blocksIn(file: Uint8Array): {
  readonly root: CID;
  readonly blocks: readonly NamedBlock[];
} {
  const reader = CarBufferReader.fromBytes(file);
  const [root] = reader.getRoots();
  if (!root) throw new Error("there is no root");
  return { root, blocks: reader.blocks() };
}

/** A file of blocks as they are named. */
export function fileOf(root: CID, blocks: readonly NamedBlock[]): Uint8Array {
  const roots = [root];
  const size = blocks.reduce((sum, block) => sum + blockLength(block), headerLength({ roots }));
  const writer = createWriter(new ArrayBuffer(size), { roots });
  for (const block of blocks) writer.write(block);
  return writer.close();
}

/**
 * A file as whoever can write all logs would make it: `change` is called with the commits of each, and
 * every hash that follows is made anew.
 */
export function forged(
  file: Uint8Array,
  change: (logs: Readonly<Record<string, OpenCommit[]>>) => void,
): Uint8Array {
  const { root: rootCid, blocks } = blocksIn(file);
  const bytesOf = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]));
  const read = <T>(cid: CID): T => decode<T>(bytesOf.get(cid.toString()) ?? new Uint8Array());
  const root = read<ProofRoot>(rootCid);
  const logs = Object.fromEntries(
    root.heads.map(({ owner, head, tail }) => {
      const commits: OpenCommit[] = [];
      for (let cid: CID | null = head; cid; ) {
        const header: LogHeader = read(cid);
        const links = bytesOf.has(header.events.toString())
          ? read<CID[]>(header.events)
          : undefined;
        const list = links?.map((link) =>
          bytesOf.has(link.toString()) ? read<Fields>(link) : link,
        );
        commits.unshift({ cid: cid.toString(), header: { ...header }, list });
        cid = cid.equals(tail) ? null : header.previous;
      }
      return [owner, commits];
    }),
  );
  const order = new Map(
    Object.values(logs).flatMap((commits) =>
      commits.map((commit, at) => [commit.cid, { commit, before: commits[at - 1] }] as const),
    ),
  );
  change(logs);
  const made = new Map<string, CID>();
  const written: NamedBlock[] = [];
  const write = (value: unknown): CID => {
    const block = blockOf(value);
    written.push(block);
    return block.cid;
  };
  const relinked = (value: unknown): unknown => {
    const cid = CID.asCID(value);
    if (cid) return order.has(cid.toString()) ? remade(cid.toString()) : cid;
    if (Array.isArray(value)) return value.map(relinked);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, relinked(part)]));
  };
  const remade = (name: string): CID => {
    const known = made.get(name);
    const place = order.get(name);
    if (known || !place) return known ?? CID.parse(name);
    const { header, list } = place.commit;
    const previous = place.before ? remade(place.before.cid) : header.previous;
    const events = list
      ? write(list.map((one) => CID.asCID(one) ?? write(relinked(one))))
      : header.events;
    const cid = write({ ...header, events, previous });
    made.set(name, cid);
    return cid;
  };
  const heads = root.heads.map((head) => ({
    ...head,
    head: remade(head.head.toString()),
    tail: remade(head.tail.toString()),
  }));
  const definitions = blocks.filter(({ bytes }) => {
    const value = decode<{ nodes?: unknown } | null>(bytes);
    return Array.isArray(value?.nodes);
  });
  const cid = write({ ...root, heads });
  return fileOf(cid, [...definitions, ...unique(written)]);
}

function unique(blocks: readonly NamedBlock[]): readonly NamedBlock[] {
  return [...new Map(blocks.map((block) => [block.cid.toString(), block])).values()];
}

/** An event that is there; throws where it is not. */
export function eventIn(
  commits: readonly OpenCommit[] | undefined,
  matches: (event: Fields) => boolean,
): { readonly event: Fields; readonly commit: OpenCommit } {
  for (const commit of commits ?? []) {
    for (const event of commit.list ?? []) {
      if (!CID.asCID(event) && matches(event as Fields)) return { event: event as Fields, commit };
    }
  }
  throw new Error("there is no such event");
}

/** The address of something that is nowhere. */
export const NOWHERE: CID = cidOf(new Uint8Array([0x18, 0x2a]));
