import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Serving, serve } from "../../../runtimes/lib.ts";
import type { PeerInfo, SignedRecord } from "../../../src/registry/peers.ts";
import type { MeshOptions } from "../../../src/serve.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

/** A whole server that is reached over WebSockets on its one port. */
async function startServer(t: Cleanup, name: string, mesh: MeshOptions = {}): Promise<Serving> {
  const serving = await serve({
    tools: [],
    config: { name, log: { level: "error", audit: false }, listen: { port: 0 } },
    mesh: { tcpPort: "off", webRtcPort: "off", mdns: false, dht: false, ...mesh },
  });
  t.after(() => serving.stop());
  return serving;
}

const ask = async (url: string): Promise<readonly SignedRecord[]> =>
  (await (await fetch(`${url}/peers`)).json()).records;

describe("a server as a meeting point", () => {
  it("brings servers together that know only its web address", async (t) => {
    const meeting = await startServer(t, "meeting-point");
    await meeting.app.call("p2p_peer_register", {});
    assertEquals(
      (await ask(meeting.url)).map(({ name }) => name),
      ["meeting-point"],
    );
    const mesh = { rendezvous: [meeting.url] };
    const servers = await Promise.all(["a", "b"].map((name) => startServer(t, name, mesh)));

    const isComplete = async ({ app }: Serving): Promise<boolean> => {
      const { structuredContent } = await app.call("p2p_peer_discover", {
        sources: ["rendezvous"],
      });
      const { peers } = structuredContent as { peers: readonly PeerInfo[] };
      return peers.length === 2 && peers.every(({ isConnected }) => isConnected);
    };
    const endsAt = performance.now() + 30_000;
    for (const server of servers) {
      while (!(await isComplete(server))) assert(performance.now() < endsAt, "they did not meet");
    }

    const names = (await ask(meeting.url)).map(({ name }) => name);
    assertEquals(
      [names[0], new Set(names)],
      ["meeting-point", new Set(["meeting-point", "a", "b"])],
    );
  });
});
