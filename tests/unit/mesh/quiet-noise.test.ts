import { describe, it } from "node:test";
import type { MessageStream, MultiaddrConnection } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { assertEquals } from "@std/assert";
import { createIdentity } from "../../../src/mesh/identity.ts";
import { quietNoise } from "../../../src/mesh/quiet-noise.ts";
import { echoed } from "../../support/echo.ts";

type Components = Parameters<ReturnType<typeof quietNoise>>[0];

/** What a node would give to its encryption. */
async function components(seed: number, { log }: MultiaddrConnection): Promise<Components> {
  const { privateKey } = await createIdentity(new Uint8Array(32).fill(seed));
  const peerId = peerIdFromPrivateKey(privateKey);
  const upgrader = { getStreamMuxers: () => new Map() } as unknown as Components["upgrader"];
  return { privateKey, peerId, upgrader, logger: { forComponent: () => log } };
}

/** Both ends of an encrypted connection, the second of which echoes. */
async function encrypted(
  outbound: MultiaddrConnection,
  inbound: MultiaddrConnection,
): Promise<MessageStream> {
  const create = quietNoise();
  const [one, other] = [
    create(await components(1, outbound)),
    create(await components(2, inbound)),
  ];
  const [asker, answerer] = await Promise.all([
    one.secureOutbound(outbound),
    other.secureInbound(inbound),
  ]);
  const echo = answerer.connection;
  echo.addEventListener("message", ({ data }) => void echo.send(data));
  return asker.connection;
}

describe("quietNoise()", () => {
  it("reads records that arrive in pieces", async () => {
    const [outbound, inbound] = multiaddrConnectionPair();
    const send = outbound.send.bind(outbound);
    outbound.send = (data) => {
      const bytes = data.subarray();
      for (const byte of bytes.subarray(0, -1)) send(Uint8Array.of(byte));
      return send(bytes.subarray(-1));
    };
    const stream = await encrypted(outbound, inbound);
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 251);

    assertEquals(await echoed(stream, bytes), bytes);
  });

  it("makes no error of having read everything", async (t) => {
    const stream = await encrypted(...multiaddrConnectionPair());
    await echoed(stream, new Uint8Array(100));
    const made = t.mock.method(globalThis, "RangeError");

    for (let round = 0; round < 10; round += 1) await echoed(stream, new Uint8Array(100));

    assertEquals(made.mock.callCount(), 0);
  });
});
