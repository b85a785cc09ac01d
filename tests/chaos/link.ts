/** A TCP connection's way to a port on this machine, which can be cut. @module */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port that stands for another. */
export interface Link {
  readonly port: number;
  /** Nothing passes any more, and nobody is told: as when a cable is pulled. */
  cut(): void;
  /** What was on its way arrives, and everything passes again. */
  mend(): void;
  /** Both ends of every connection are told that it broke. */
  drop(): void;
  close(): void;
}

/** Open a way to `target`. */
export async function openLink(target: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    // A partner that broke is reported to the other side by its end, not by an error here.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.on("data", (bytes: Buffer) => {
      if (!other.write(bytes)) socket.pause();
    });
    other.on("drain", () => {
      if (!isCut) socket.resume();
    });
    if (isCut) socket.pause();
  };
  const server = createServer((inner) => {
    const outer = connect(target, "127.0.0.1");
    keep(inner, outer);
    keep(outer, inner);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    drop,
    close() {
      server.close();
      drop();
    },
  };
}
