/** Sockets between a listener and the mesh. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createSocketFeed } from "../../../src/cli/socket-feed.ts";
import type { AcceptedSocket } from "../../../src/host.ts";

/** A socket that writes down when it is closed. */
function socket(port: number, closed: number[]): AcceptedSocket {
  return {
    remote: { hostname: "127.0.0.1", port },
    bufferedBytes: 0,
    send: () => undefined,
    close: () => void closed.push(port),
    receive: () => undefined,
  };
}

describe("createSocketFeed()", () => {
  it("keeps sockets that come before their taker, in order", () => {
    const feed = createSocketFeed(() => 8000);
    const taken: number[] = [];
    feed.accept(socket(1, []));
    feed.accept(socket(2, []));

    feed.take(({ remote }) => taken.push(remote.port));
    feed.accept(socket(3, []));

    assertEquals(taken, [1, 2, 3]);
    assertEquals(feed.port, 8000);
  });

  it("keeps 64 and closes those beyond", () => {
    const feed = createSocketFeed(() => 8000);
    const closed: number[] = [];
    const taken: number[] = [];

    for (let port = 1; port <= 66; port += 1) feed.accept(socket(port, closed));
    feed.take(({ remote }) => taken.push(remote.port));

    assertEquals(closed, [65, 66]);
    assertEquals(taken.length, 64);
  });

  it("closes what waits and what comes once it refuses, until somebody takes again", () => {
    const feed = createSocketFeed(() => 8000);
    const closed: number[] = [];
    const taken: number[] = [];
    feed.accept(socket(1, closed));

    feed.refuse();
    feed.accept(socket(2, closed));
    feed.take(({ remote }) => taken.push(remote.port));
    feed.accept(socket(3, closed));

    assertEquals([closed, taken], [[1, 2], [3]]);
  });
});
