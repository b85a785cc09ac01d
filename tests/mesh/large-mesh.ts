/**
 * Two hundred nodes that meet, in a process of their own: the hooks of a test runner would watch each
 * of their millions of promises. Prints how many know all of them, and after which time of theirs.
 *
 * @module
 */

import process from "node:process";
import { createFakeClock } from "../support/fake-clock.ts";
import { createMember, eventually, type Member } from "../support/members.ts";

/** What came of it. */
export interface Meeting {
  /** Nodes that know every node. */
  readonly knowing: number;
  readonly simulatedMs: number;
}

const NODES = Number(process.argv[2]);
/** Each node's first contact is one of the first few, so that there is no single centre. */
const CONTACTS = 4;
/** Real time for what takes 250 ms of the mesh's own. */
const PATIENCE_MS = 400_000;

const clock = createFakeClock(Date.now());
const nodes: Member[] = [];
for (let at = 0; at < NODES; at += 1) {
  const contact = nodes[at < CONTACTS ? at - 1 : at % CONTACTS];
  const bootstrap = contact ? [contact.address] : [];
  // They end with the process.
  nodes.push(await createMember({ after: () => undefined }, `n${at}`, { clock, bootstrap }));
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
const meeting: Meeting = { knowing: knowing(), simulatedMs: clock.monotonic() };
process.stdout.write(JSON.stringify(meeting), () => process.exit(0));
