import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { host } from "#host";
import { createFakeClock } from "../support/fake-clock.ts";
import { createMember, eventually, type Member } from "../support/members.ts";

const NODES = 200;

/** Each node's first contact is one of the first few, so that there is no single centre. */
const CONTACTS = 4;

/** Real time for what takes 250 ms of the mesh's own. */
const PATIENCE_MS = 150_000;

// The nodes, their memory transport and their clock are the same code on each host, and take minutes.
const skip = host.name === "node" ? false : "runs on Node";

describe("two hundred nodes", { skip }, () => {
  it("all know each other within ten seconds of their time", { timeout: 240_000 }, async (t) => {
    const clock = createFakeClock(Date.now());
    const nodes: Member[] = [];
    for (let at = 0; at < NODES; at += 1) {
      const contact = nodes[at < CONTACTS ? at - 1 : at % CONTACTS];
      const bootstrap = contact ? [contact.address] : [];
      nodes.push(await createMember(t, `n${at}`, { clock, bootstrap }));
    }
    const knowing = (): number =>
      nodes.filter(({ peers }) => peers.records(NODES + 1).length === NODES).length;
    const isQuiet = (): boolean =>
      nodes.every(({ node }) => {
        const connections = node.connections();
        return connections.length > 0 && connections.every(({ streams }) => streams === 0);
      });

    await Promise.all(nodes.map(({ peers }) => peers.start()));
    // What is sent arrives in real time, however still the clock stands.
    await eventually("all are connected and have spoken", isQuiet, PATIENCE_MS);
    for (let at = 0; at < 40 && knowing() < NODES; at += 1) {
      await clock.advance(250);
      await eventually("the news was passed on", isQuiet, PATIENCE_MS);
    }

    assertEquals(knowing(), NODES);
    console.log(`known by all after ${clock.monotonic()} ms of simulated time`);
  });
});
