/**
 * The log of one commit: its events as blocks, and a header that binds them to all that came before.
 *
 * ```text
 * header ─► events: [cid, cid, …]      each the dag-cbor of one event
 *    └────► previous header
 * ```
 *
 * A header's CID stands for the whole history up to it; one event is proven by the list that the
 * header names. Who owns the queue can sign the header, and with it everything.
 *
 * @module
 */

import type { CID } from "multiformats/cid";
import { addressBytes, addressOf, addressText, type Digest } from "../ipld/block.ts";
import { encode, encodeBriefly, encodeEach, Link } from "../ipld/encode.ts";
import type { LogEntry, QueueMeta } from "./queue-store.ts";
import type { Citation, TaskSpec } from "./task.ts";
import type { Elsewhere, TaskEvent } from "./task-event.ts";

/** An event as it is logged. */
export interface LoggedEvent {
  readonly number: number;
  readonly task: string;
  readonly at: number;
  readonly type: TaskEvent["type"];
  readonly [fact: string]: unknown;
}

/** A header as it is hashed. */
export interface LogHeader {
  readonly queue: string;
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
  readonly at: number;
  /** CID of the list of the events' CIDs. */
  readonly events: CID;
  readonly previous: CID | null;
}

/** Collects the events of one transaction. */
export class LogDraft {
  readonly #first: number;
  readonly #now: number;
  readonly #digest: Digest | undefined;
  readonly #events: LoggedEvent[] = [];

  constructor(first: number, now: number, digest?: Digest) {
    this.#first = first;
    this.#now = now;
    this.#digest = digest;
  }

  /** Add an event; returns its number. */
  add(spec: TaskSpec, event: TaskEvent): number {
    const number = this.#first + this.#events.length;
    const about = { number, task: spec.id, at: this.#now, type: event.type };
    const facts = event.type === "submitted" ? this.#submissionOf(spec) : factsOf(event);
    this.#events.push({ ...facts, ...about });
    return number;
  }

  /** The entry of these events after the head that `meta` names. */
  seal({ queue, epoch, head }: Pick<QueueMeta, "queue" | "epoch" | "head">): LogEntry | undefined {
    if (this.#events.length === 0) return undefined;
    const digest = this.#digest;
    const events = encodeEach(this.#events);
    const [first, last] = [this.#first, this.#first + events.length - 1];
    const links = events.map((bytes) => new Link(addressOf(bytes, digest)));
    const list = new Link(addressOf(encodeBriefly(links), digest));
    const header = encode({
      ...{ queue, epoch, first, last, at: this.#now },
      events: list,
      previous: head === undefined ? null : new Link(addressBytes(head)),
    } satisfies Sealed);
    return { first, last, cid: addressText(addressOf(header, digest)), header, events };
  }

  /** What was asked for: the input by its address, so that the log does not hold it a second time. */
  #submissionOf(spec: TaskSpec): Readonly<Record<string, unknown>> {
    const input = new Link(addressOf(encodeBriefly(spec.input), this.#digest));
    // What was said before the task is as little for the log as its answers are.
    const cites = spec.cites && linked(spec.cites);
    const kept = { caller: spec.caller.id, input, opening: undefined, cites };
    return { ...spec, id: undefined, queue: undefined, ...kept };
  }
}

/** A header before it is bytes. */
type Sealed = Omit<LogHeader, "events" | "previous"> & {
  readonly events: Link;
  readonly previous: Link | null;
};

/** With each commit as a link, so that who walks the log comes to the logs that it follows from. */
function linked(cites: readonly Citation[]): readonly unknown[] {
  return cites.map((one) => ({ ...one, commit: new Link(addressBytes(one.commit)) }));
}

function elsewhere({ elsewhere: about }: { readonly elsewhere?: Elsewhere }): object {
  return about ? { elsewhere: { ...about, cites: linked(about.cites) } } : {};
}

/** What happened; a result by its address alone, questions and answers by their keys. */
function factsOf(event: TaskEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "completed":
      return { ...event, ...elsewhere(event), result: undefined };
    case "failed":
      return { ...event, ...elsewhere(event) };
    case "asked":
      return { ...event, questions: Object.keys(event.questions), state: undefined };
    case "answered":
      return { ...event, answers: Object.keys(event.answers) };
    case "adopted": {
      const { state, resultCid, error } = event.row;
      return { ...event, row: undefined, state, resultCid, error };
    }
    case "advanced":
      // What a run knows of itself follows from the ends of its nodes, which are logged.
      return { ...event, flow: undefined };
    default:
      return event;
  }
}
