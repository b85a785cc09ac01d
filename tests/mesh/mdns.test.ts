import { createSocket } from "node:dgram";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { host } from "#host";
import { eventually, startMember } from "../support/members.ts";
import { tcpTransport } from "../support/mesh-nodes.ts";

/** Why this machine cannot send to a group and hear itself; nothing where it can. */
function multicastTrouble(): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const timer = setTimeout(() => resolve("no answer from 224.0.0.251 within 2 s"), 2000);
  socket.on("error", (error) => resolve(error.message));
  socket.on("message", () => resolve(undefined));
  socket.bind(0, () => {
    try {
      socket.addMembership("224.0.0.251");
      socket.setMulticastLoopback(true);
      socket.send("probe", socket.address().port, "224.0.0.251");
    } catch (error) {
      resolve(String(error));
    }
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

const trouble = await multicastTrouble();
const beyond = { ...tcpTransport(), listen: ["/ip4/0.0.0.0/tcp/0"] };

describe("on the local network", () => {
  const skip = trouble === undefined ? false : `multicast does not work here: ${trouble}`;
  if (skip) console.log(skip);

  it("servers of one mesh find each other without being told where", { skip }, async (t) => {
    const { joinLocalNetwork } = host;
    assert(joinLocalNetwork, "this host has no local network");
    const network = `test-${crypto.randomUUID().slice(0, 8)}`;
    const options = { joinLocalNetwork, transports: [beyond], mesh: { mdns: true, network } };
    const elsewhere = { ...options, mesh: { mdns: true, network: `${network}-b` } };
    const [a, b, stranger] = await Promise.all([
      startMember(t, "a", options),
      startMember(t, "b", options),
      startMember(t, "stranger", elsewhere),
    ]);

    await eventually("they are connected", () => a.node.connections(b.node.peer).length > 0);

    assertEquals(stranger.node.connections(), []);
    const both = [...a.peers.known(), ...b.peers.known()];
    assert(
      both.some(({ source }) => source === "mdns"),
      JSON.stringify(both),
    );
  });

  it("stopping ends the search", { skip }, async (t) => {
    const { joinLocalNetwork } = host;
    assert(joinLocalNetwork);
    const member = await startMember(t, "a", {
      joinLocalNetwork,
      transports: [beyond],
      mesh: { mdns: true },
    });
    await member.peers.stop();

    assertEquals(
      member.logLines.filter((line) => line.includes("leaving")),
      [],
    );
  });
});
