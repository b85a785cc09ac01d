/** The round trip to a peer, finer than the whole milliseconds of libp2p's own ping. @module */

import type { Connection, StreamMessageEvent } from "@libp2p/interface";
import type { Clock } from "../concurrency/clock.ts";

/** Every libp2p answers it with the bytes that it got. */
const PING_PROTOCOL = "/ipfs/ping/1.0.0";
const PING_BYTES = 32;

/** Milliseconds from a message to its echo on an open stream. */
export async function ping(
  connection: Connection,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const stream = await connection.newStream(PING_PROTOCOL, {
    signal,
    runOnLimitedConnection: true,
  });
  const { promise: echoed, resolve, reject } = Promise.withResolvers<void>();
  let missing = PING_BYTES;
  stream.addEventListener("message", ({ data }: StreamMessageEvent) => {
    missing -= data.byteLength;
    if (missing <= 0) resolve();
  });
  stream.addEventListener("close", ({ error }) => {
    reject(error ?? new Error("the peer closed the stream before it answered"));
  });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const start = clock.monotonic();
    stream.send(new Uint8Array(PING_BYTES));
    await echoed;
    const ms = clock.monotonic() - start;
    await stream.close({ signal });
    return ms;
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
