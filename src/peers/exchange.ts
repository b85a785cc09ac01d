/**
 * The protocol `/mcp+p2p/peers/1.0.0`: two connected peers tell each other whom they know.
 *
 * One stream carries one question and one answer, each JSON in a frame like those of MCP (four bytes
 * of length, big-endian). The question `{want, records, have}` brings news and names what the asker
 * holds by tags; the answer `{records, lack}` gives up to `want` records that are not among them, and
 * says which of them the other side would like. `want: 0` only tells. Everything has a bound, and
 * every record is judged by whoever takes it.
 *
 * @module
 */

import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import * as v from "valibot";
import type { Clock } from "../concurrency/clock.ts";
import { IntegrityError, messageOf } from "../errors.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { LENGTH_BYTES } from "../mesh/protocol.ts";
import type { SignedRecord } from "../registry/peers.ts";
import { within } from "./within.ts";

/** Its protocol id. */
export const PEERS_PROTOCOL = "/mcp+p2p/peers/1.0.0";

/** Records in one message. */
export const MAX_RECORDS = 256;

/** Bytes of one message: {@link MAX_RECORDS} of usual size. */
const MAX_MESSAGE_BYTES: number = 1024 * 1024;

/** Time for question and answer. */
const EXCHANGE_MS = 10_000;

/** Streams that one peer may have open here for this. */
const MAX_STREAMS = 4;

/** Tags in one message. */
export const MAX_TAGS = 2_048;

/** A question as it arrived; its records are not judged. */
export interface PeersQuestion {
  readonly want: number;
  readonly records: readonly unknown[];
  /** Tags of records that the asker holds. */
  readonly have: readonly string[];
}

/** An answer as it arrived; its records are not judged. */
export interface PeersAnswer {
  readonly records: readonly unknown[];
  /** Places in `have` of records that the other side does not hold. */
  readonly lack: readonly number[];
}

/** What is asked. */
export interface Question {
  readonly want: number;
  readonly records: readonly SignedRecord[];
  readonly have?: readonly string[];
}

/** What is answered. */
export interface Answer {
  readonly records: readonly SignedRecord[];
  readonly lack: readonly number[];
}

/** A record in short: 96 bits of its signature, which no other has. */
export const tagOf = ({ signature }: SignedRecord): string => signature.slice(0, 16);

const RecordsSchema = v.pipe(v.array(v.unknown()), v.maxLength(MAX_RECORDS));
const QuestionSchema = v.object({
  want: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_RECORDS)),
  records: RecordsSchema,
  have: v.optional(v.pipe(v.array(v.pipe(v.string(), v.length(16))), v.maxLength(MAX_TAGS)), []),
});
const AnswerSchema = v.object({
  records: RecordsSchema,
  lack: v.optional(
    v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.maxLength(MAX_TAGS)),
    [],
  ),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Messages {
  write(message: unknown): Promise<void>;
  read<T>(schema: v.GenericSchema<unknown, T>): Promise<T>;
}

function messagesOf(stream: Stream, peer: string, signal: AbortSignal): Messages {
  const frames = lpStream(stream, {
    lengthEncoder: (length) => {
      const header = new Uint8Array(LENGTH_BYTES);
      new DataView(header.buffer).setUint32(0, length);
      return header;
    },
    lengthDecoder(header) {
      // This is how the reader is asked for another byte.
      if (header.byteLength < LENGTH_BYTES) throw new RangeError("more of the length is to come");
      return header.getUint32(0);
    },
    maxLengthLength: LENGTH_BYTES,
    maxDataLength: MAX_MESSAGE_BYTES,
    maxBufferSize: MAX_MESSAGE_BYTES + 16,
  });
  return {
    write: (message) => frames.write(encoder.encode(JSON.stringify(message)), { signal }),
    async read(schema) {
      const bytes = await frames.read({ signal });
      try {
        return v.parse(schema, JSON.parse(decoder.decode(bytes.subarray())));
      } catch (cause) {
        throw new IntegrityError(
          "malformed_frame",
          `Peer ${peer} sent something that is no message of ${PEERS_PROTOCOL}`,
          { cause, data: { peer } },
        );
      }
    },
  };
}

/** Records as one message may hold them. */
function fitting(records: readonly SignedRecord[]): readonly SignedRecord[] {
  let room = MAX_MESSAGE_BYTES - 1024;
  const fits: SignedRecord[] = [];
  for (const record of records.slice(0, MAX_RECORDS)) {
    room -= encoder.encode(JSON.stringify(record)).length + 1;
    if (room < 0) break;
    fits.push(record);
  }
  return fits;
}

/** What an exchange needs. */
export interface ExchangeNeeds {
  readonly node: Pick<MeshNode, "openStream" | "handle">;
  readonly clock: Clock;
}

/** Tell a peer of `records` and ask for up to `want` of its own; gives its answer. */
export function exchangeRecords(
  { node, clock }: ExchangeNeeds,
  peer: string,
  question: Question,
  signal: AbortSignal,
): Promise<PeersAnswer> {
  const what = `Peer ${peer} did not tell whom it knows`;
  return within({ clock, ms: EXCHANGE_MS, signal, what }, async (limited) => {
    const stream = await node.openStream(peer, PEERS_PROTOCOL, { signal: limited });
    return await finishing(stream, limited, async () => {
      const messages = messagesOf(stream, peer, limited);
      await messages.write({ ...question, records: fitting(question.records) });
      return await messages.read(AnswerSchema);
    });
  });
}

/** Answer questions of others; `failed` hears of those that could not be. */
export function serveRecords(
  { node, clock }: ExchangeNeeds,
  answer: (peer: string, question: PeersQuestion) => Promise<Answer>,
  failed: (peer: string, error: unknown) => void,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const serve = (stream: Stream, peer: string): Promise<void> => {
    const what = `Peer ${peer} did not finish its question`;
    return within({ clock, ms: EXCHANGE_MS, signal, what }, (limited) =>
      finishing(stream, limited, async () => {
        const messages = messagesOf(stream, peer, limited);
        const question = await messages.read(QuestionSchema);
        const { records, lack } = await answer(peer, question);
        await messages.write({ records: fitting(records), lack });
      }),
    ).catch((error: unknown) => failed(peer, error));
  };
  return node.handle(PEERS_PROTOCOL, (stream, peer) => void serve(stream, peer), {
    maxInboundStreams: MAX_STREAMS,
  });
}

/** Close the stream after the work, or abort it where the work failed. */
async function finishing<T>(
  stream: Stream,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    await stream.close({ signal });
    return result;
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  }
}
