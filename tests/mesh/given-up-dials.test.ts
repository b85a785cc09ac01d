import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import type { Transport, Upgrader } from "@libp2p/interface";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import { assertRejects } from "@std/assert";
import { createTcpTransport } from "../../runtimes/shared/tcp-transport.ts";

describe("a TCP dial that is given up", () => {
  it("throws at nobody else: an error that nobody catches ends the process", async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(async () => void server.close());
    const { port } = server.address() as AddressInfo;
    // A log is all that dialling takes of libp2p.
    const [{ log }] = multiaddrConnectionPair();
    const components = { logger: { forComponent: () => log } };
    const transport = createTcpTransport([]).create(components as never) as Transport;
    const giveUp = new AbortController();
    const upgrader = { upgradeOutbound: () => new Promise(() => {}) } as unknown as Upgrader;

    const dialled = transport.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), {
      signal: giveUp.signal,
      upgrader,
    });
    giveUp.abort(new Error("no longer wanted"));

    await assertRejects(() => dialled, Error, "aborted");
    // The socket of Bun 1.4 threw some turns later.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
