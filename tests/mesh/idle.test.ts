/** A mesh that has nothing to do does next to nothing. @module */

import { describe, it } from "node:test";
import { assert } from "@std/assert";
import type { IdleReport } from "../support/mesh-child.ts";
import { startMeshChild } from "../support/mesh-children.ts";

/** With the hash table, relays and gossip of a server: libp2p's random walk once took a whole processor. */
const mesh = { dht: true, relay: true } as const;

const WATCHED_MS = 4_000;

/** Far more than it needs, far less than spinning takes. */
const BUSY = 0.2;

describe("an idle node", () => {
  it("alone in its mesh uses next to no processor time", async (t) => {
    const alone = await startMeshChild(t, { name: "alone", mesh });
    const { busy } = await alone.ask<IdleReport>({ idleMs: WATCHED_MS });
    assert(busy < BUSY, `${busy} of a processor`);
  });

  it("of a mesh of three uses next to no processor time", async (t) => {
    const first = await startMeshChild(t, { name: "first", mesh });
    const bootstrap = [first.address];
    const others = await Promise.all(
      ["second", "third"].map((name) => startMeshChild(t, { name, mesh: { ...mesh, bootstrap } })),
    );
    for (const other of others) await other.ask({ connect: first.address });
    const reports = await Promise.all(
      [first, ...others].map((child) => child.ask<IdleReport>({ idleMs: WATCHED_MS })),
    );
    for (const { busy } of reports) assert(busy < BUSY, `${busy} of a processor`);
  });
});
