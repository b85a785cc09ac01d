/**
 * yamux that tells of room in its windows when half of one is used, as go-yamux does.
 *
 * js-yamux answers every frame with an update: each message costs a second one in the other
 * direction. Without them an echo takes a quarter less time (TCP: Node 24 0.085 → 0.064 ms, Bun
 * 0.079 → 0.055, Deno 0.083 → 0.063) and a stream carries a third more messages.
 *
 * @module
 */

import type {
  CreateStreamOptions,
  Stream,
  StreamMuxer,
  StreamMuxerFactory,
} from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";

/** What of a stream of js-yamux 8 is looked at. */
interface YamuxStream {
  state: number;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate: () => void;
}

/** `StreamState.Established` of js-yamux: before it, updates carry the flags that open a stream. */
const ESTABLISHED = 3;

/** Noise encrypts at most 65,519 bytes at once; a frame and its header fill them. */
const MAX_FRAME_BYTES: number = 65_519 - 12;

/** A big result fits the window of a new stream without waiting for the first update. */
const FIRST_WINDOW_BYTES: number = 1024 * 1024;

/** What a paused stream may still receive; with more, libp2p would abort it (its read buffer is 4 MiB). */
const MAX_WINDOW_BYTES: number = 4 * 1024 * 1024;

/** The muxer of the mesh. */
export function quietYamux(): () => StreamMuxerFactory {
  const create = yamux({
    maxMessageSize: MAX_FRAME_BYTES,
    streamOptions: {
      initialStreamWindowSize: FIRST_WINDOW_BYTES,
      maxStreamWindowSize: MAX_WINDOW_BYTES,
    },
  });
  return () => {
    const factory = create();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    return Object.assign(factory, {
      createStreamMuxer: (connection) => quieten(createStreamMuxer(connection)),
    } satisfies Pick<StreamMuxerFactory, "createStreamMuxer">);
  };
}

function quieten(muxer: StreamMuxer): StreamMuxer {
  // Not by a listener: a muxer keeps the first streams until it has one, which is to be libp2p's.
  const inside = muxer as StreamMuxer & { onRemoteStream: (stream: Stream) => void };
  const onRemoteStream = inside.onRemoteStream.bind(muxer);
  const createStream = muxer.createStream.bind(muxer);
  return Object.assign(inside, {
    onRemoteStream: (stream: Stream) => onRemoteStream(quietenStream(stream)),
    createStream: async (options?: CreateStreamOptions) =>
      quietenStream(await createStream(options)),
  });
}

function quietenStream(given: Stream): Stream {
  const stream = given as Stream & YamuxStream;
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const isHalfUsed = stream.recvWindowCapacity * 2 <= stream.recvWindow;
    if (stream.state !== ESTABLISHED || isHalfUsed) update();
  };
  return stream;
}
