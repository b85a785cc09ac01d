/** What every host's `listen` promises about WebSockets, tried with a real client. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/concurrency/clock.ts";
import type { AcceptedSocket, Host, HttpServer } from "../../src/host.ts";
import type { DialSocket } from "../../src/mesh/dial-socket.ts";

type Listening = Pick<Host, "listen">;

interface Cleanup {
  after(run: () => Promise<void>): void;
}

const never = new AbortController().signal;
const MIB = 1024 * 1024;

/** Counts or waits for what a socket receives. */
interface Received {
  readonly messages: Uint8Array[];
  /** Resolves with everything received once `enough` says so. */
  until(enough: (messages: readonly Uint8Array[]) => boolean): Promise<readonly Uint8Array[]>;
  readonly closed: Promise<void>;
}

function receive(socket: AcceptedSocket): Received {
  const messages: Uint8Array[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let check = (): void => undefined;
  socket.receive({
    message(bytes) {
      messages.push(bytes);
      check();
    },
    closed: resolve,
  });
  return {
    messages,
    closed,
    until: (enough) =>
      new Promise((done) => {
        check = () => {
          if (enough(messages)) done(messages);
        };
        check();
      }),
  };
}

const pathOf = (request: Request): Response => new Response(new URL(request.url).pathname);

async function listen(
  t: Cleanup,
  host: Listening,
  onSocket: (socket: AcceptedSocket) => void,
): Promise<{ readonly server: HttpServer; readonly origin: string; readonly url: URL }> {
  const server = await host.listen(pathOf, { hostname: "127.0.0.1", port: 0, onSocket });
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${server.port}`;
  return { server, origin, url: new URL(`ws://127.0.0.1:${server.port}/`) };
}

const echo = (socket: AcceptedSocket): void => {
  socket.receive({ message: (bytes) => socket.send(bytes), closed: () => undefined });
};

/** Both ends of one socket. */
interface Pair {
  readonly here: AcceptedSocket;
  readonly there: AcceptedSocket;
  readonly server: HttpServer;
}

async function connectPair(t: Cleanup, host: Listening, dialSocket: DialSocket): Promise<Pair> {
  const { promise: accepted, resolve } = Promise.withResolvers<AcceptedSocket>();
  const { server, url } = await listen(t, host, resolve);
  const here = await dialSocket(url, never);
  return { here, there: await accepted, server };
}

/** The suite; `host` is the one that runs it, `dialSocket` opens the other end. */
export function testHostSockets(
  host: Listening & Pick<Host, "name">,
  client: string,
  dialSocket: DialSocket,
): void {
  const pair = (t: Cleanup): Promise<Pair> => connectPair(t, host, dialSocket);
  describe(`WebSockets on the HTTP port of ${host.name}, dialled by ${client}`, () => {
    it("carries bytes both ways, and knows who is there", async (t) => {
      const { here, there } = await pair(t);
      const received = receive(here);
      echo(there);

      here.send(Uint8Array.of(1, 2, 3));

      const [first] = await received.until(({ length }) => length === 1);
      assertEquals([...(first ?? [])], [1, 2, 3]);
      assertEquals(there.remote.hostname, "127.0.0.1");
      assert(there.remote.port > 0);
    });

    it("keeps many messages apart and in order", async (t) => {
      const { here, there } = await pair(t);
      const received = receive(here);
      echo(there);
      const numbers = Array.from({ length: 2_000 }, (_, index) => index);

      for (const number of numbers) here.send(Uint8Array.of(number >> 8, number & 0xff));

      const back = await received.until(({ length }) => length === numbers.length);
      assertEquals(
        back.map(([high = 0, low = 0]) => high * 256 + low),
        numbers,
      );
    });

    it("carries messages of a mebibyte", async (t) => {
      const { here, there } = await pair(t);
      const received = receive(here);
      echo(there);
      const big = Uint8Array.from({ length: MIB }, (_, index) => index % 251);

      here.send(big);
      here.send(big);

      const back = await received.until(({ length }) => length === 2);
      for (const one of back) {
        assertEquals(one.byteLength, MIB);
        assert(one.every((byte, index) => byte === index % 251));
      }
    });

    it("gives what came before anybody received", async (t) => {
      const { here, there } = await pair(t);
      there.send(Uint8Array.of(7));
      there.send(Uint8Array.of(8));
      // An answer to a later message proves that the earlier ones have arrived.
      const fromHere = receive(there);
      here.send(Uint8Array.of(9));
      await fromHere.until(({ length }) => length === 1);

      const early = await receive(here).until(({ length }) => length === 2);

      assertEquals(
        early.map(([byte]) => byte),
        [7, 8],
      );
    });

    it("tells how much waits to be sent, and sends all of it", async (t) => {
      const { here, there } = await pair(t);
      const received = receive(here);
      const chunk = new Uint8Array(MIB);
      let most = 0;

      for (let sent = 0; sent < 16; sent += 1) {
        there.send(chunk);
        most = Math.max(most, there.bufferedBytes);
      }

      await received.until(({ length }) => length === 16);
      assert(most > MIB, `${most} bytes were said to wait while 16 MiB were sent at once`);
      while (there.bufferedBytes > 0) await systemClock.sleep(1);
    });

    it("tells the server that the client closed", async (t) => {
      const { here, there } = await pair(t);
      const { closed } = receive(there);
      here.close();
      await closed;
    });

    it("tells the client that the server closed", async (t) => {
      const { here, there } = await pair(t);
      const { closed } = receive(here);
      there.close();
      await closed;
    });

    it("ends open sockets and frees the port when it stops", async (t) => {
      const { here, server } = await pair(t);
      const { closed } = receive(here);

      await server.close();

      await closed;
      const again = await host.listen(pathOf, { hostname: "127.0.0.1", port: server.port });
      await again.close();
    });

    it("answers HTTP beside them, and upgrades at no other path", async (t) => {
      const { origin } = await listen(t, host, echo);

      assertEquals(await (await fetch(`${origin}/`)).text(), "/");
      assertEquals(await (await fetch(`${origin}/mcp`)).text(), "/mcp");
      await assertRejects(() => dialSocket(new URL(`${origin.replace("http", "ws")}/mcp`), never));
    });

    it("gives up dialling when the signal fires", async (t) => {
      const { url } = await listen(t, host, () => undefined);
      const reason = new Error("changed my mind");
      const aborted = dialSocket(url, AbortSignal.abort(reason));
      await assertRejects(() => aborted, Error, reason.message);
      const controller = new AbortController();
      const dialling = dialSocket(url, controller.signal);
      controller.abort(reason);
      await assertRejects(() => dialling, Error, reason.message);
    });

    it("takes no sockets when nobody asked for them", async (t) => {
      const server = await host.listen(pathOf, { hostname: "127.0.0.1", port: 0 });
      t.after(() => server.close());
      await assertRejects(() => dialSocket(new URL(`ws://127.0.0.1:${server.port}/`), never));
    });
  });
}
