/**
 * Blocks of a queue's log that prove what happened to some of its tasks.
 *
 * ```text
 * header ─► header ─► header ─► header        all between the first and the last of their events
 *   └► events: [cid, cid, …]      └► …        of the commits that hold some of them
 *         └► event                            theirs alone
 * ```
 *
 * Of the tasks of others there are the CIDs of their events, and nothing else.
 *
 * @module
 */

import { addressOf } from "../ipld/block.ts";
import { encode, Link } from "../ipld/encode.ts";
import type { LogEntry, QueueStore } from "./queue-store.ts";

/** Which part of a log is wanted, by the numbers of events. */
export interface LogRange {
  readonly queue: string;
  readonly from: number;
  readonly to: number;
}

/** A part of a log. */
export interface LogPage {
  /** dag-cbor, in the order of the log. */
  readonly blocks: readonly Uint8Array[];
  /** CIDs of its first and its last header; missing where it has none. */
  readonly tail?: string;
  readonly head?: string;
  /** Number of the event with which the next page begins; missing in the last one. */
  readonly next?: number;
}

/** Events whose commits are read at once. */
const WINDOW = 1_000;

/** From the least to the greatest of some numbers; of none, a range without events. */
export function spanOf(numbers: Iterable<number>): Pick<LogRange, "from" | "to"> {
  let [from, to] = [Infinity, 0];
  for (const number of numbers) {
    from = Math.min(from, number);
    to = Math.max(to, number);
  }
  return { from, to };
}

/** The commits of a range in their order, so many at a time as fit into memory. */
export async function* commitsOf(
  store: Pick<QueueStore, "log">,
  { queue, from, to }: LogRange,
): AsyncGenerator<LogEntry> {
  for (let at = from; at <= to; ) {
    const commits = await store.log(queue, { from: at, to: Math.min(to, at + WINDOW - 1) });
    yield* commits;
    // Numbers have no gaps, so a window without commits is behind the end of the log.
    const last = commits.at(-1);
    if (!last) return;
    at = last.last + 1;
  }
}

/** The blocks of a range that prove the events with these numbers; ends with the commit that makes it larger than `maxBytes`. */
export async function logPage(
  store: Pick<QueueStore, "log" | "digest">,
  range: LogRange,
  wanted: ReadonlySet<number>,
  maxBytes: number,
): Promise<LogPage> {
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  let ends: { readonly tail: string; readonly head: string } | undefined;
  for await (const commit of commitsOf(store, range)) {
    const added = blocksOf(commit, wanted, store);
    blocks.push(...added);
    bytes += added.reduce((sum, { length }) => sum + length, 0);
    ends = { tail: ends?.tail ?? commit.cid, head: commit.cid };
    if (bytes > maxBytes && commit.last < range.to) {
      return { blocks, ...ends, next: commit.last + 1 };
    }
  }
  return { blocks, ...ends };
}

function blocksOf(
  { first, header, events }: LogEntry,
  wanted: ReadonlySet<number>,
  { digest }: Pick<QueueStore, "digest">,
): readonly Uint8Array[] {
  const own = events.filter((_, at) => wanted.has(first + at));
  if (own.length === 0) return [header];
  const list = encode(events.map((bytes) => new Link(addressOf(bytes, digest))));
  return [header, list, ...own];
}
