/** Bad networks: delay, loss, and a partition that heals. @module */

import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { assert, assertEquals } from "@std/assert";
import { badNetwork } from "../support/bad-network.ts";
import { openMeshApp } from "../support/mesh-app.ts";
import type { CallsReport } from "../support/mesh-child.ts";
import { type MeshChild, startMeshChild } from "../support/mesh-children.ts";
import type { Cleanup } from "../support/temp-folder.ts";

const run = promisify(execFile);
const ip = (...words: string[]): Promise<unknown> => run("ip", words);

const CALLS = 60;

/** Requests wait less long than usual, so that a partition is noticed within the test. */
const peerLimits = { requestsPerSecond: 0, requestMs: 8_000 } as const;

describe("a bad network", () => {
  it("slows calls down, and fails none", async (t) => {
    const there = await openMeshApp(t, { name: "there", transport: "tcp" });
    const here = await openMeshApp(t, { transport: "tcp" });
    const direct = Number(/\/tcp\/(\d+)/.exec(there.address)?.[1]);
    // A sequence that repeats; its seed is what it is.
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const bad = { delayMs: 20, loss: 0.2, resendMs: 200, random };
    const port = await badNetwork(t, direct, bad);
    await here.app.mesh.reach(there.address.replace(`/tcp/${direct}`, `/tcp/${port}`));

    const calls = Array.from({ length: CALLS }, (_, a) =>
      here.call("add", { a, b: 1 }, "peer:there"),
    );
    const sums = (await Promise.all(calls)).map(({ structuredContent }) => structuredContent);

    assertEquals(
      sums,
      Array.from({ length: CALLS }, (_, a) => ({ sum: a + 1 })),
    );
    assert(here.app.mesh.peers?.known().some(({ isConnected }) => isConnected));
  });
});

/** Two hosts of one network; each namespace and the end of the cable in it have one name. */
interface TwoHosts {
  readonly sides: readonly [string, string];
  readonly first: MeshChild;
  readonly second: MeshChild;
}

let made = 0;

async function twoHosts(t: Cleanup): Promise<TwoHosts> {
  made += 1;
  const tag = `${process.pid % 100_000}${made}`;
  const sides = [`mcpa${tag}`, `mcpb${tag}`] as const;
  for (const side of sides) await ip("netns", "add", side);
  const cleanups: (() => Promise<void>)[] = [];
  // A namespace in which a process still lives cannot be taken away.
  t.after(async () => {
    for (const clean of cleanups) await clean();
    for (const side of sides) await ip("netns", "del", side);
  });
  const [a, b] = sides;
  await ip("link", "add", a, "netns", a, "type", "veth", "peer", "name", b, "netns", b);
  for (const [at, side] of sides.entries()) {
    await ip("-n", side, "addr", "add", `10.77.0.${at + 1}/24`, "dev", side);
    await ip("-n", side, "link", "set", "lo", "up");
    await ip("-n", side, "link", "set", side, "up");
  }
  const [first, second] = await Promise.all(
    sides.map((side, at) =>
      startMeshChild(
        { after: (clean) => void cleanups.unshift(clean) },
        { name: side, peerLimits, mesh: { hostname: `10.77.0.${at + 1}` } },
        ["ip", "netns", "exec", side],
      ),
    ),
  );
  if (!first || !second) throw new Error("two hosts were started");
  await first.ask({ connect: second.address });
  return { sides, first, second };
}

/** Why there are no networks of our own here; `undefined` where there are. */
async function namespacesReason(): Promise<string | undefined> {
  try {
    const name = `mcpt${process.pid}`;
    await ip("netns", "add", name);
    await ip("netns", "del", name);
    return undefined;
  } catch (error) {
    return `network namespaces need Linux, iproute2 and root: ${(error as Error).message.split("\n")[0]}`;
  }
}

const callsTo = ({ peer }: MeshChild, from: MeshChild, count = CALLS): Promise<CallsReport> =>
  from.ask<CallsReport>({ calls: count, atOnce: 8, peer });

const reason = await namespacesReason();
if (reason !== undefined) console.warn(`skipped: ${reason}`);

describe("two hosts in network namespaces", () => {
  const skip = reason ?? false;

  it("call each other while a fifth of the packets is lost", {
    skip,
    timeout: 180_000,
  }, async (t) => {
    const { sides, first, second } = await twoHosts(t);
    try {
      for (const side of sides) {
        const netem = ["add", "dev", side, "root", "netem", "loss", "20%", "delay", "50ms"];
        await run("tc", ["-n", side, "qdisc", ...netem]);
      }
    } catch (error) {
      const why = `this kernel drops no packets for tests: ${(error as Error).message.trim()}`;
      console.warn(`skipped: ${why}`);
      return t.skip(why);
    }
    const { ok, failed } = await callsTo(second, first);
    assertEquals([ok, failed], [CALLS, {}]);
  });

  it("fail calls in time while they are cut off, and find each other again", {
    skip,
    timeout: 180_000,
  }, async (t) => {
    const { sides, first, second } = await twoHosts(t);
    assertEquals((await callsTo(second, first)).ok, CALLS);

    await ip("-n", sides[0], "link", "set", sides[0], "down");
    const cut = await callsTo(second, first, 8);
    assertEquals(cut.ok, 0);
    assertEquals(
      Object.keys(cut.failed).filter((code) => code !== "deadline_exceeded"),
      ["peer_unreachable"],
    );
    assert(cut.slowestMs < peerLimits.requestMs + 5_000, `${cut.slowestMs} ms`);

    await ip("-n", sides[0], "link", "set", sides[0], "up");
    let healed: CallsReport | undefined;
    for (let at = 0; at < 30 && healed?.ok !== 8; at += 1) healed = await callsTo(second, first, 8);
    assertEquals(healed?.ok, 8);
    assertEquals((await callsTo(second, first)).ok, CALLS);
    assertEquals((await callsTo(first, second)).ok, CALLS);
  });
});
