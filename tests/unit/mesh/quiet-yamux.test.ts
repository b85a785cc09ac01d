import { describe, it } from "node:test";
import type { Stream, StreamMessageEvent, StreamMuxer } from "@libp2p/interface";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { assert, assertEquals } from "@std/assert";
import { quietYamux } from "../../../src/mesh/quiet-yamux.ts";
import { echoed } from "../../support/echo.ts";

interface Pair {
  readonly client: StreamMuxer;
  readonly server: StreamMuxer;
  /** How often either side has sent. */
  sends(): number;
}

function muxerPair(t: { after(run: () => void): void }): Pair {
  const [outbound, inbound] = multiaddrConnectionPair();
  let sends = 0;
  for (const connection of [outbound, inbound]) {
    const send = connection.send.bind(connection);
    connection.send = (data) => {
      sends += 1;
      return send(data);
    };
  }
  const { createStreamMuxer } = quietYamux()();
  const client = createStreamMuxer(outbound);
  const server = createStreamMuxer(inbound);
  // yamux pings until it is stopped.
  t.after(() => client.abort(new Error("the test is over")));
  t.after(() => server.abort(new Error("the test is over")));
  return { client, server, sends: () => sends };
}

function echoOn(muxer: StreamMuxer): void {
  muxer.addEventListener("stream", ({ detail }: CustomEvent<Stream>) => {
    detail.addEventListener("message", ({ data }: StreamMessageEvent) => void detail.send(data));
  });
}

describe("quietYamux()", () => {
  it("does not answer each message with an update", async (t) => {
    const { client, server, sends } = muxerPair(t);
    echoOn(server);
    const stream = await client.createStream();
    await echoed(stream, new Uint8Array(100));
    const before = sends();

    for (let round = 0; round < 50; round += 1) await echoed(stream, new Uint8Array(100));

    assertEquals(sends() - before, 100);
  });

  it("carries more than a window", async (t) => {
    const { client, server } = muxerPair(t);
    echoOn(server);
    const stream = await client.createStream();
    const big = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, at) => at % 251);

    assertEquals(await echoed(stream, big), big);
  });

  it("keeps streams that come before anybody listens", async (t) => {
    const { client, server } = muxerPair(t);
    const stream = await client.createStream();
    const back = echoed(stream, Uint8Array.of(1));
    while (server.streams.length === 0) await new Promise((done) => setTimeout(done, 0));

    echoOn(server);

    assertEquals(await back, Uint8Array.of(1));
    assert(server.streams.length === 1);
  });
});
