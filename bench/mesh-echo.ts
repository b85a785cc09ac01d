/**
 * As little as can be said to and fro in frames over a stream, to compare calls with.
 *
 * Frames are those of the mesh. They leave one by one, or all that one turn of the event loop
 * produced together.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Stream } from "@libp2p/interface";
import { afterTurn } from "../src/concurrency/turn.ts";
import { IntegrityError, UnavailableError } from "../src/errors.ts";
import { encodeFrames, FrameReader } from "../src/mesh/framing.ts";

/** When frames leave: each by itself, or those of a turn together. */
export type Sending = "frame" | "turn";

/** Bytes to and from the other side. */
export interface ByteLink {
  send(bytes: Uint8Array): void;
  receive(take: (bytes: Uint8Array) => void, lost: () => void): void;
}

/** The protocol of a libp2p stream that is answered so. */
export const bareProtocol = (sending: Sending): string => `/mcpp/bench/by-${sending}/1.0.0`;

const MAX_FRAME_BYTES = 1024 * 1024;

/** A libp2p stream as bytes. */
export function linkOfStream(stream: Stream): ByteLink {
  return {
    send: (bytes) => void stream.send(bytes),
    receive(take, lost) {
      stream.addEventListener("message", ({ data }) => {
        if (data instanceof Uint8Array) take(data);
        else for (const part of data) take(part);
      });
      stream.addEventListener("close", lost);
    },
  };
}

/** A TCP socket as bytes. */
export function linkOfSocket(socket: Socket): ByteLink {
  socket.setNoDelay(true);
  return {
    send: (bytes) => void socket.write(bytes),
    receive(take, lost) {
      socket.on("data", take);
      socket.once("close", lost);
      socket.on("error", lost);
    },
  };
}

function sender(link: ByteLink, sending: Sending): (text: string) => void {
  if (sending === "frame") return (text) => link.send(encodeFrames([text]));
  let waiting: string[] = [];
  const flush = (): void => {
    const texts = waiting;
    waiting = [];
    link.send(encodeFrames(texts));
  };
  return (text) => {
    if (waiting.push(text) === 1) afterTurn(flush);
  };
}

/** What a bare server says to a frame: the frame, or an answer in JSON-RPC that it made after reading it. */
export type Saying = "echo" | "json-rpc";

interface RpcFrame {
  readonly id: number;
  readonly params: { readonly arguments: { readonly a: number; readonly b: number } };
}

/** The least that is an answer to a call of `add`. */
function answerTo(text: string): string {
  const { id, params } = JSON.parse(text) as RpcFrame;
  const sum = params.arguments.a + params.arguments.b;
  return JSON.stringify({ jsonrpc: "2.0", id, result: { structuredContent: { sum } } });
}

function isAnswerTo(asked: string, answer: string, saying: Saying): boolean {
  if (saying === "echo") return asked === answer;
  const { id, result } = JSON.parse(answer) as {
    id: number;
    result: { structuredContent: object };
  };
  return asked.includes(`"id":${id}`) && "sum" in result.structuredContent;
}

/** Answer what comes. */
export function answer(link: ByteLink, sending: Sending, saying: Saying = "echo"): void {
  const frames = new FrameReader(MAX_FRAME_BYTES);
  const send = sender(link, sending);
  link.receive(
    (bytes) => {
      for (const { text } of frames.push(bytes)) send(saying === "echo" ? text : answerTo(text));
    },
    () => {},
  );
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A function that sends a text and resolves when its answer came: they come in order. */
export function asking(
  link: ByteLink,
  sending: Sending,
  saying: Saying = "echo",
): (text: string) => Promise<void> {
  const frames = new FrameReader(MAX_FRAME_BYTES);
  const send = sender(link, sending);
  let waiting: Waiting[] = [];
  let first = 0;
  link.receive(
    (bytes) => {
      for (const { text } of frames.push(bytes)) {
        const next = waiting[first++];
        if (next && isAnswerTo(next.text, text, saying)) next.resolve();
        else next?.reject(new IntegrityError("schema_mismatch", `Another answer came: ${text}`));
      }
      if (first < waiting.length) return;
      waiting = [];
      first = 0;
    },
    () => {
      for (const { reject } of waiting.splice(first)) {
        reject(new UnavailableError("peer_unreachable", "The other side is gone"));
      }
    },
  );
  return (text) =>
    new Promise((resolve, reject) => {
      waiting.push({ text, resolve, reject });
      send(text);
    });
}
