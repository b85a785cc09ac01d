/** A peer that writes its frames by hand: it knows nothing of clients, eras or good manners. @module */

import type { Stream, StreamMessageEvent } from "@libp2p/interface";
import { encodeFrames, FrameReader } from "../../src/mesh/framing.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import { MCP_PROTOCOL } from "../../src/mesh/protocol.ts";
import { type Cleanup, memoryTransport, startNode } from "./mesh-nodes.ts";
import { modernMessage } from "./messages.ts";

type Message = Readonly<Record<string, unknown>>;

/** One stream to somebody who serves. */
export interface RawStream {
  readonly stream: Stream;
  /** Every message that came, in order. */
  readonly received: readonly Message[];
  send(...messages: readonly unknown[]): void;
  sendBytes(bytes: Uint8Array): void;
  /** The first message, past or to come, that fits; rejects when the stream ends without it. */
  wait(fits: (message: Message) => boolean): Promise<Message>;
  /** The answer to a request. */
  answer(id: unknown): Promise<Message>;
  /** Send a modern request and wait for its answer. */
  ask(id: unknown, method: string, params?: object): Promise<Message>;
  /** Resolves when the stream is over. */
  readonly closed: Promise<void>;
}

/** A node that has no tools and asks by hand. */
export function startRawPeer(t: Cleanup): Promise<MeshNode> {
  return startNode(t, [memoryTransport()]);
}

/** A modern request. */
export const request = (id: unknown, method: string, params: object = {}): object =>
  modernMessage({ jsonrpc: "2.0", id, method, params });

/** A modern call of a tool. */
export const callMessage = (id: unknown, name: string, input: object = {}): object =>
  request(id, "tools/call", { name, arguments: input });

/** Open a stream to whoever listens at this address. */
export async function openRawStream(node: MeshNode, address: string): Promise<RawStream> {
  const { peer } = await node.connect(address);
  const stream = await node.openStream(peer, MCP_PROTOCOL);
  const received: Message[] = [];
  const frames = new FrameReader(64 * 1024 * 1024);
  const waiting = new Set<() => void>();
  const over = Promise.withResolvers<void>();
  let isOver = false;
  const look = (): void => {
    for (const check of [...waiting]) check();
  };
  stream.addEventListener("message", ({ data }: StreamMessageEvent) => {
    for (const { text } of frames.push(data.subarray())) received.push(JSON.parse(text));
    look();
  });
  const end = (): void => {
    isOver = true;
    over.resolve();
    look();
  };
  stream.addEventListener("close", end);
  stream.addEventListener("remoteCloseWrite", end);
  // All that comes may have come before anybody listened.
  if (stream.remoteWriteStatus === "closed") queueMicrotask(() => queueMicrotask(end));
  const sendBytes = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += 60_000) stream.send(bytes.slice(at, at + 60_000));
  };
  const raw: RawStream = {
    stream,
    received,
    closed: over.promise,
    sendBytes,
    send: (...messages) =>
      sendBytes(encodeFrames(messages.map((message) => JSON.stringify(message)))),
    wait: (fits) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = received.find(fits);
          if (!found && !isOver) return;
          waiting.delete(check);
          if (found) resolve(found);
          else reject(new Error(`The stream ended; it had brought ${JSON.stringify(received)}`));
        };
        waiting.add(check);
        check();
      }),
    answer: (id) => raw.wait((message) => message.id === id && message.method === undefined),
    ask(id, method, params) {
      raw.send(request(id, method, params));
      return raw.answer(id);
    },
  };
  return raw;
}
