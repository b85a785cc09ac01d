/**
 * Data channels that fail with their connection, also before they were open.
 *
 * libdatachannel 0.24 (node-datachannel 0.33) knows the peer's certificate an instant after it
 * began to answer the peer; a handshake that is quicker fails, mostly on a busy machine. WebRTC
 * then owes the channel an `error` (W3C WebRTC 1.0, §6.2), which the addon never sends: js-libp2p
 * waited for it until the dial was given up.
 *
 * @module
 */

import { RTCPeerConnection } from "node-datachannel/polyfill";

/** What a dial fails with; read as text where its reason is told. */
class ConnectionLost extends Event {
  override toString(): string {
    return "the WebRTC handshake failed";
  }
}

type PeerConnection = InstanceType<typeof RTCPeerConnection>;

/** Change the class of which libp2p's WebRTC is made; once for a process. */
export function failOrphanedChannels(): void {
  const { prototype } = RTCPeerConnection;
  const { createDataChannel } = prototype;
  if (createDataChannel.name === "createFailingChannel") return;

  prototype.createDataChannel = function createFailingChannel(
    this: PeerConnection,
    ...args: Parameters<typeof createDataChannel>
  ): ReturnType<typeof createDataChannel> {
    const channel = createDataChannel.apply(this, args);
    const watch = (): void => {
      const { connectionState } = this;
      if (connectionState !== "failed" && connectionState !== "closed") return;
      this.removeEventListener("connectionstatechange", watch);
      // A task of its own: js-libp2p begins to listen only after it heard of the connection.
      setImmediate(() => {
        if (channel.readyState === "connecting") channel.dispatchEvent(new ConnectionLost("error"));
      });
    };
    this.addEventListener("connectionstatechange", watch);
    channel.addEventListener("open", () =>
      this.removeEventListener("connectionstatechange", watch),
    );
    return channel;
  };
}
