/** From a QUIC connection that a page opened to a connection of libp2p. @module */

import type { CreateListenerOptions } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { multiaddr } from "@multiformats/multiaddr";
import { QuicStream } from "./deno-quic-stream.ts";
import {
  acceptSession,
  openedStream,
  SessionConnection,
  sessionMuxer,
} from "./deno-web-transport-session.ts";
import { MAX_SESSION_ID } from "./web-transport-wire.ts";

/** What libp2p hands to a transport. */
export type Components = Parameters<ReturnType<typeof noise>>[0];

/** What a handshake needs. */
export interface HandshakeNeeds {
  readonly components: Components;
  readonly upgrader: CreateListenerOptions["upgrader"];
  /** Of every certificate that an address may still name. */
  readonly hashes: readonly Uint8Array[];
  readonly signal: AbortSignal;
}

/** Take the page in; the connection is closed where it does not come to that. */
export async function admit(incoming: Deno.QuicIncoming, needs: HandshakeNeeds): Promise<void> {
  const signal = needs.upgrader.createInboundAbortSignal(needs.signal);
  const accepting = incoming.accept<false>();
  // Everything that waits for the connection fails with it.
  const giveUp = (): void => {
    accepting.then(
      (conn) => conn.close({ closeCode: 1, reason: "the handshake failed" }),
      () => undefined,
    );
  };
  signal.addEventListener("abort", giveUp);
  try {
    await upgrade(await accepting, { ...needs, signal });
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
    signal.clear();
  }
}

async function upgrade(
  conn: Deno.QuicConn,
  { components, upgrader, hashes, signal }: HandshakeNeeds,
): Promise<void> {
  const session = await acceptSession(conn);
  const first = await session.incoming.read();
  if (first.done) throw new TypeError("The session ended before its first stream");
  const opened = await openedStream(first.value);
  if (opened.session > MAX_SESSION_ID) {
    throw new TypeError(`The session's number is ${opened.session}, above ${MAX_SESSION_ID}`);
  }

  const log = components.logger.forComponent("mcplusplus:webtransport");
  const secured = new QuicStream({ id: "noise", direction: "inbound", log }, opened);
  const webtransportCerthashes = [...hashes];
  const encrypter = noise({ extensions: { webtransportCerthashes } })(components);
  const { remotePeer } = await encrypter.secureInbound(secured, {
    signal,
    skipStreamMuxerNegotiation: true,
  });
  await secured.close({ signal });

  const { hostname, port } = conn.remoteAddr;
  const family = hostname.includes(":") ? "ip6" : "ip4";
  const remoteAddr = multiaddr(`/${family}/${hostname}/udp/${port}/quic-v1/webtransport`);
  const connection = new SessionConnection({ remoteAddr, direction: "inbound", log }, session);
  await upgrader.upgradeInbound(connection, {
    signal,
    remotePeer,
    skipEncryption: true,
    skipProtection: true,
    muxerFactory: sessionMuxer(session, opened.session),
  });
}
