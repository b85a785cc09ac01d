/**
 * Whether a queue's log is whole: numbers, hashes, and the chain of its headers. The libraries alone
 * do the hashing here, not the code under test.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { decode, encode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import type { LoggedEvent, LogHeader } from "../../../src/queue/log-draft.ts";
import type { LogEntry, QueueMeta } from "../../../src/queue/queue-store.ts";

/** An event, and the epoch in which it was logged. */
export interface ReadEvent {
  readonly epoch: number;
  readonly event: LoggedEvent;
}

/** What a log says, and what is wrong with it. */
export interface ReadLog {
  readonly events: readonly ReadEvent[];
  readonly faults: readonly string[];
}

/** The address of dag-cbor bytes. */
function cidOf(bytes: Uint8Array): CID {
  return CID.createV1(0x71, create(0x12, createHash("sha256").update(bytes).digest()));
}

/** Where a log has come to. */
interface Place {
  readonly head: string | undefined;
  readonly next: number;
  readonly epoch: number;
}

/** Read a log from its bytes alone, and hold it to the head that `meta` names. */
export function readLog(entries: readonly LogEntry[], meta: QueueMeta): ReadLog {
  const events: ReadEvent[] = [];
  const faults: string[] = [];
  let place: Place = { head: undefined, next: 1, epoch: 0 };
  for (const entry of entries) {
    const header = decode<LogHeader>(entry.header);
    const read = entry.events.map((bytes) => decode<LoggedEvent>(bytes));
    const wrong = faultsIn(entry, header, read, place);
    faults.push(...wrong.map((what) => `commit ${entry.first}: ${what}`));
    for (const event of read) events.push({ epoch: header.epoch, event });
    place = { head: entry.cid, next: header.last + 1, epoch: header.epoch };
  }
  if (meta.head !== place.head) faults.push("the head is not the last commit");
  if (meta.nextEvent !== place.next) faults.push(`the next event is not ${place.next}`);
  return { events, faults };
}

function faultsIn(
  entry: LogEntry,
  header: LogHeader,
  events: readonly LoggedEvent[],
  { head, next, epoch }: Place,
): readonly string[] {
  const { first, last, previous } = header;
  const list = cidOf(encode(entry.events.map(cidOf)));
  const rules: readonly (readonly [boolean, string])[] = [
    [cidOf(entry.header).toString() === entry.cid, "its CID is not that of its header"],
    [previous?.toString() === head, "it does not follow the commit before"],
    [first === next && first === entry.first, `its first event is not ${next}`],
    [last === entry.last && last - first + 1 === events.length, "events are missing"],
    [header.epoch >= epoch, "its epoch is older than the one before"],
    [list.equals(header.events), "its events are not those that its header names"],
    [events.every(({ number }, at) => number === first + at), "its events are out of place"],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => what);
}
