import { describe, it } from "node:test";
import type { StreamMessageEvent } from "@libp2p/interface";
import { multiaddrConnectionPair } from "@libp2p/utils";
import { assert, assertEquals } from "@std/assert";
import type { AcceptedSocket, SocketEvents } from "../../../src/host.ts";
import { WebSocketConnection } from "../../../src/mesh/web-socket-connection.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

const KIB = 1024;

/** A socket whose other end is the test. */
interface FakeSocket extends AcceptedSocket {
  readonly sent: Uint8Array[];
  bufferedBytes: number;
  isClosed: boolean;
  events: SocketEvents | undefined;
}

function createFakeSocket(): FakeSocket {
  const socket: FakeSocket = {
    remote: { hostname: "192.0.2.7", port: 8000 },
    sent: [],
    bufferedBytes: 0,
    isClosed: false,
    events: undefined,
    send: (bytes) => void socket.sent.push(bytes),
    close() {
      socket.isClosed = true;
    },
    receive(events) {
      socket.events = events;
    },
  };
  return socket;
}

function connect(): { connection: WebSocketConnection; socket: FakeSocket; clock: FakeClock } {
  const [{ log, remoteAddr }] = multiaddrConnectionPair();
  const socket = createFakeSocket();
  const clock = createFakeClock();
  const init = { socket, clock, log, remoteAddr, direction: "outbound" as const };
  return { connection: new WebSocketConnection(init), socket, clock };
}

const lengths = ({ sent }: FakeSocket): readonly number[] => sent.map((one) => one.byteLength);

describe("a WebSocketConnection", () => {
  it("sends all of a turn in one message", async () => {
    const { connection, socket } = connect();

    connection.send(Uint8Array.of(1, 2));
    connection.send(Uint8Array.of(3));
    assertEquals(socket.sent, []);
    await Promise.resolve();
    connection.send(Uint8Array.of(4));
    await Promise.resolve();

    assertEquals(socket.sent, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  });

  it("divides what is too long for one message", async () => {
    const { connection, socket } = connect();
    connection.send(new Uint8Array(600 * KIB));
    await Promise.resolve();
    assertEquals(lengths(socket), [256 * KIB, 256 * KIB, 88 * KIB]);
  });

  it("lets senders wait while much is unsent, and go on when it has left", async () => {
    const { connection, socket, clock } = connect();
    socket.send = (bytes) => {
      socket.bufferedBytes += bytes.byteLength;
    };

    assert(!connection.send(new Uint8Array(1024 * KIB)));
    const drained = connection.onDrain();
    await clock.advance(100);
    assert(connection.writableNeedsDrain);

    socket.bufferedBytes = 200 * KIB;
    await clock.advance(10);
    await drained;
    assert(!connection.writableNeedsDrain);
    assertEquals(clock.pending, 0);
  });

  it("hands on what arrives", () => {
    const { connection, socket } = connect();
    const received: Uint8Array[] = [];
    connection.addEventListener("message", ({ data }: StreamMessageEvent) => {
      received.push(data.subarray());
    });

    socket.events?.message(Uint8Array.of(5));
    socket.events?.message(Uint8Array.of(6));

    assertEquals(received, [Uint8Array.of(5), Uint8Array.of(6)]);
  });

  it("sends what is left before it closes", async () => {
    const { connection, socket } = connect();
    connection.send(Uint8Array.of(1));
    await connection.close();

    assertEquals(socket.sent, [Uint8Array.of(1)]);
    assert(socket.isClosed);
    assertEquals(connection.status, "closed");
  });

  it("sends nothing more when it is aborted, and disarms its timer", async () => {
    const { connection, socket, clock } = connect();
    socket.bufferedBytes = 2048 * KIB;
    connection.send(Uint8Array.of(1));
    await Promise.resolve();
    assertEquals(clock.pending, 1);
    connection.send(Uint8Array.of(2));

    connection.abort(new Error("enough"));

    assertEquals(lengths(socket), [1]);
    assert(socket.isClosed);
    assertEquals(clock.pending, 0);
  });

  it("is closed when the other side is gone", () => {
    const { connection, socket } = connect();
    let closed = 0;
    connection.addEventListener("close", () => {
      closed += 1;
    });

    socket.events?.closed();

    assertEquals(connection.status, "closed");
    assertEquals(closed, 1);
  });
});
