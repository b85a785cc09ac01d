import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { webRtcReason } from "../support/mesh-nodes.ts";

describe("a data channel that is not open yet", () => {
  it("fails when its connection is lost, so that nobody waits for it", async (t) => {
    if (webRtcReason) return t.skip(webRtcReason);
    const { RTCPeerConnection } = await import("node-datachannel/polyfill");
    const { failOrphanedChannels } = await import("../../runtimes/shared/orphaned-channels.ts");
    const { cleanup } = await import("node-datachannel");
    // The addon would keep the process.
    t.after(cleanup);
    failOrphanedChannels();
    const connection = new RTCPeerConnection({ iceServers: [] });
    const channel = connection.createDataChannel("init");
    const errors: string[] = [];
    channel.addEventListener("error", (event) => errors.push(String(event)));
    const closed = new Promise((resolve) =>
      connection.addEventListener("connectionstatechange", () => setImmediate(resolve)),
    );

    connection.close();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));

    assertEquals(errors, ["the WebRTC handshake failed"]);
  });
});
