/** WebRTC of the addon node-datachannel, with what it owes to libp2p and to the process. @module */

import { setTimeout } from "node:timers";
import type { HostTransport } from "../../src/host.ts";

/** Left alone, libp2p asks public STUN servers about every connection. */
const noStun: { readonly rtcConfiguration: RTCConfiguration } = {
  rtcConfiguration: { iceServers: [] },
};

/**
 * A process that ends while the addon lets go crashes in its destructors; one that has not ended
 * after this time is held by the addon.
 */
const RELEASE_MS = 1_000;

/** Transports that nodes of this process have in use. */
let inUse = 0;

/** Load the addon; throws where it has no build for this system. */
export async function loadWebRtc(listen: string): Promise<readonly HostTransport[]> {
  const { webRTC, webRTCDirect } = await import("@libp2p/webrtc");
  (await import("./early-channel-messages.ts")).keepEarlyMessages();
  (await import("./orphaned-channels.ts")).failOrphanedChannels();
  const { cleanup } = await import("node-datachannel");
  return [
    {
      name: "webrtc-direct",
      create: released(webRTCDirect(noStun), cleanup),
      listen: [listen],
    },
    { name: "webrtc", create: released(webRTC(noStun), cleanup), listen: [] },
  ];
}

/**
 * Let go of the addon some time after the last node has stopped. A connection that closes while it
 * opens may keep its callbacks (node-datachannel 0.33), and with them a process that has nothing
 * left to do.
 */
function released(
  create: (components: never) => object,
  release: () => void,
): HostTransport["create"] {
  return (components) =>
    Object.assign(create(components), {
      beforeStart: () => {
        inUse += 1;
      },
      afterStop: () => {
        inUse -= 1;
        const releaseUnused = (): void => {
          if (inUse === 0) release();
        };
        setTimeout(releaseUnused, RELEASE_MS).unref();
      },
    });
}
