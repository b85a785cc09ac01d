import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createMessageSocket, type MessageSocket } from "../../../src/mesh/message-socket.ts";

function open(): MessageSocket & { readonly log: string[] } {
  const log: string[] = [];
  const made = createMessageSocket({
    remote: { hostname: "192.0.2.7", port: 8000 },
    bufferedBytes: 0,
    send: ({ byteLength }) => void log.push(`sent ${byteLength}`),
    close: () => void log.push("cut off"),
  });
  return { ...made, log };
}

function receive({ socket, log }: ReturnType<typeof open>): void {
  socket.receive({
    message: ({ byteLength }) => void log.push(`got ${byteLength}`),
    closed: () => void log.push("closed"),
  });
}

describe("createMessageSocket()", () => {
  it("keeps what comes before anybody receives, and the end", () => {
    const made = open();
    made.arrived(new Uint8Array(1));
    made.arrived(new Uint8Array(2));
    made.ended();

    receive(made);

    assertEquals(made.log, ["got 1", "got 2", "closed"]);
  });

  it("hands on what comes later, and tells the end once", () => {
    const made = open();
    receive(made);

    made.arrived(new Uint8Array(3));
    made.ended();
    made.ended();
    made.arrived(new Uint8Array(4));

    assertEquals(made.log, ["got 3", "closed"]);
  });

  it("cuts off who sends much before anybody receives", () => {
    const made = open();
    for (let count = 0; count < 5; count += 1) made.arrived(new Uint8Array(64 * 1024));
    assertEquals(made.log, ["cut off"]);
  });
});
