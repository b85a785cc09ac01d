import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Carriage, openCarriage } from "../../../src/mesh/carriage.ts";
import { encodeFrames } from "../../../src/mesh/framing.ts";
import { endOfTurn, FakeStream } from "../../support/fake-stream.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

interface Scene {
  readonly stream: FakeStream;
  readonly carriage: Carriage;
  readonly events: string[];
  readonly book: { bytesIn: number; bytesOut: number };
  /** Runs at each message, after it was noted. */
  onMessage: () => void;
}

function open(maxFrameBytes = 16 * MIB, stream = new FakeStream()): Scene {
  const events: string[] = [];
  const book = { bytesIn: 0, bytesOut: 0 };
  const carriage = openCarriage(stream.asStream, {
    maxFrameBytes,
    book,
    events: {
      message(value, bytes) {
        events.push(`message ${JSON.stringify(value)} ${bytes}`);
        scene.onMessage();
      },
      malformed: ({ message }, bytes) => void events.push(`malformed ${bytes} ${message}`),
      ended: () => void events.push("ended"),
      closed: (error) => void events.push(`closed ${error?.message ?? "in order"}`),
    },
  });
  const scene: Scene = { stream, carriage, events, book, onMessage() {} };
  return scene;
}

const textOf = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));

describe("a carriage, sending", () => {
  it("sends all of a turn in one write", async () => {
    const { stream, carriage, book } = open();
    for (let at = 0; at < 64; at += 1) carriage.send(JSON.stringify({ at }));
    await Promise.resolve();
    carriage.send("64");
    assertEquals(stream.writes.length, 0);

    await endOfTurn();

    assertEquals(stream.writes.length, 1);
    assertEquals(stream.sent().length, 65);
    assertEquals(book.bytesOut, stream.writes[0]?.length);
  });

  it("writes at most 60 KiB at once", async () => {
    const { stream, carriage } = open();
    carriage.send(textOf(150 * KIB));
    await endOfTurn();

    assertEquals(
      stream.writes.map(({ length }) => length),
      [60 * KIB, 60 * KIB, 30 * KIB + 4],
    );
    assertEquals(stream.sent().length, 1);
  });

  it("waits for room, and keeps the order", async () => {
    const { stream, carriage } = open();
    stream.room = 2;
    carriage.send(textOf(150 * KIB));
    await endOfTurn();
    carriage.send('"later"');
    await endOfTurn();
    assertEquals(stream.writes.length, 2);

    stream.drain(1);
    assertEquals(stream.writes.length, 3);
    stream.drain();

    assertEquals(stream.sent(), [JSON.parse(textOf(150 * KIB)), "later"]);
  });

  it("reads no more while megabytes wait, and goes on when they have left", async () => {
    const { stream, carriage, events } = open();
    stream.room = 1;
    carriage.send(textOf(5 * MIB));
    await endOfTurn();
    stream.arriveMessages(1);
    assertEquals([stream.readStatus, events], ["paused", []]);

    stream.drain();

    assertEquals([stream.readStatus, events], ["readable", ["message 1 1"]]);
  });

  it("is full with 64 MiB on their way, and not after", async () => {
    const { stream, carriage } = open();
    stream.room = 1;
    for (let at = 0; at < 8; at += 1) carriage.send(textOf(8 * MIB));
    await endOfTurn();
    assert(!carriage.isFull);
    carriage.send(textOf(MIB));
    await endOfTurn();
    assert(carriage.isFull);
    stream.drain();
    assert(!carriage.isFull);
  });

  it("sends what waits, and what the stream did not take yet, before it closes", async () => {
    const { stream, carriage } = open();
    stream.room = 1;
    carriage.send(textOf(200 * KIB));
    carriage.send('"last"');
    let isClosed = false;
    const closing = carriage.close().then(() => {
      isClosed = true;
    });
    await endOfTurn();
    assertEquals([isClosed, stream.closes, carriage.isOpen], [false, 0, false]);
    carriage.send('"too late"');

    stream.drain();
    await closing;

    assertEquals(
      stream
        .sent()
        .map(String)
        .map(({ length }) => length),
      [200 * KIB - 2, 4],
    );
    assertEquals(stream.closes, 1);
  });

  it("is not open once this side has closed, though the stream says so", async () => {
    const { stream, carriage, events } = open();
    await carriage.close();
    assertEquals([stream.status, carriage.isOpen], ["open", false]);
    carriage.send("1");
    await endOfTurn();
    assertEquals(events, []);
    stream.arriveMessages("an answer");
    assertEquals(events, ['message "an answer" 11']);
  });

  it("ends once, by an abort that no close waits for", async () => {
    const { stream, carriage, events } = open();
    stream.room = 1;
    carriage.send(textOf(200 * KIB));
    const closing = carriage.close();
    carriage.abort(new Error("enough"));
    await closing;
    stream.break();
    carriage.send("1");
    await endOfTurn();

    assertEquals(events, ["closed enough"]);
    assertEquals([stream.abortedWith?.message, stream.closes], ["enough", 0]);
  });

  it("gives up where the stream cannot be written", async () => {
    const { stream, carriage, events } = open();
    stream.writeStatus = "closed";
    carriage.send("1");
    await endOfTurn();
    assertEquals(events, ["closed Cannot write to a stream that is closed"]);
  });
});

describe("a carriage, receiving", () => {
  it("delivers each message with its length, in order", () => {
    const { stream, events, book } = open();
    stream.arriveMessages({ a: 1 }, "é");
    assertEquals(events, ['message {"a":1} 7', 'message "é" 4']);
    assertEquals(book.bytesIn, 4 + 7 + 4 + 4);
  });

  it("tells of a frame that is no JSON, and goes on", () => {
    const { stream, events } = open();
    stream.arrive(encodeFrames(["{", "2"]));
    assertEquals(events, [
      "malformed 1 A frame of 1 bytes is not JSON; each must hold one JSON-RPC message",
      "message 2 1",
    ]);
  });

  it("aborts at a length beyond the limit, and delivers nothing after it", () => {
    const { stream, events } = open(8);
    stream.arriveMessages(1);
    stream.arriveMessages("far too long", 2);
    assertEquals(events[0], "message 1 1");
    assertStringIncludes(events[1] ?? "", "closed A frame announced 14 bytes");
    assertEquals(events.length, 2);
    assertStringIncludes(stream.abortedWith?.message ?? "", "1 to 8 are accepted");
  });

  it("delivers nothing while paused, and all of it after, without a byte lost", () => {
    const scene = open();
    const { stream, carriage, events } = scene;
    scene.onMessage = () => carriage.pause();
    const text = textOf(100 * KIB);
    // Two steps of reading: a pause takes effect between them.
    stream.arrive(encodeFrames([text, "1", "2"]));
    assertEquals(events.length, 3);
    stream.arrive(encodeFrames(["3"]));
    stream.arrive(encodeFrames(["4"]));
    assertEquals(events.length, 3);

    scene.onMessage = () => {};
    carriage.resume();

    assertEquals(events.slice(1), ["message 1 1", "message 2 1", "message 3 1", "message 4 1"]);
  });

  it("rests within what came at once, when that is much", () => {
    const scene = open();
    const { stream, carriage, events } = scene;
    scene.onMessage = () => carriage.pause();
    stream.arrive(encodeFrames(Array.from({ length: 100_000 }, () => "1")));

    assert(events.length > 0 && events.length <= (64 * KIB) / 5 + 1, String(events.length));
    scene.onMessage = () => {};
    carriage.resume();
    assertEquals(events.length, 100_000);
  });

  it("tells the end after all that was sent before it, also where that waits", () => {
    const scene = open();
    const { stream, carriage, events } = scene;
    scene.onMessage = () => carriage.pause();
    stream.arriveMessages(1);
    stream.arriveMessages(2);
    stream.endRemote();
    assertEquals(events, ["message 1 1"]);

    scene.onMessage = () => {};
    carriage.resume();

    assertEquals(events, ["message 1 1", "message 2 1", "ended"]);
  });

  it("tells the end that came before anybody listened", async () => {
    const stream = new FakeStream();
    stream.endRemote();
    const { events } = open(MIB, stream);
    assertEquals(events, []);
    await endOfTurn();
    assertEquals(events, ["ended"]);
  });

  it("can be paused after the peer has ended, when libp2p would throw", () => {
    const { stream, carriage, events } = open();
    stream.endRemote();
    stream.readStatus = "closed";
    carriage.pause();
    carriage.resume();
    assertEquals(events, ["ended"]);
  });

  it("aborts where the stream ends inside a frame", () => {
    const { stream, events } = open();
    stream.arrive(Uint8Array.of(0, 0, 0, 9, 1));
    stream.endRemote();
    assertEquals(events, ["closed The stream ended inside a frame"]);
  });

  it("says why the connection broke", () => {
    const { stream, carriage, events } = open();
    stream.break(new Error("reset"));
    assertEquals([events, carriage.isOpen], [["closed reset"], false]);
  });
});
