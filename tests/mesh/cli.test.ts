/** The command line between real servers, each a process of its own on this host. @module */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { askToEnd, finished, mcpp, startMcpp } from "../support/mcpp-process.ts";
import { type Cleanup, createTempFolder } from "../support/temp-folder.ts";

/** A server that has joined. */
interface Member {
  readonly folder: string;
  readonly port: string;
  readonly peer: string;
  /** Its TCP address. */
  readonly address: string;
  stop(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** The events that a server told so far. */
const eventsIn = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line));

/** Start a server and wait until its mesh runs. */
async function joined(t: Cleanup, name: string, args: readonly string[] = []): Promise<Member> {
  const folder = await createTempFolder(t);
  const flags = [
    "--port",
    "0",
    "--set",
    `name=${name}`,
    "--set",
    "log.level=error",
    "--set",
    "log.audit=false",
    "--json",
  ];
  const child = startMcpp(["serve", ...flags, ...args], { folder });
  t.after(async () => void child.kill("SIGKILL"));
  let mesh: Record<string, unknown> | undefined;
  while (!mesh) {
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    mesh = eventsIn(child.output().stdout).find(({ event }) => event === "mesh");
  }
  assertEquals(mesh.state, "running", JSON.stringify(mesh));
  const addresses = mesh.addresses as readonly string[];
  const [listening] = eventsIn(child.output().stdout);
  return {
    folder,
    port: String(listening?.port),
    peer: String(mesh.peer),
    address: addresses.find((one) => /\/tcp\/\d+\/p2p\//.test(one)) ?? "",
    stop() {
      askToEnd(child);
      return finished(child);
    },
  };
}

describe("mcpp, in a mesh of two servers", () => {
  it("sees, measures and calls them from outside and inside", { timeout: 90_000 }, async (t) => {
    const studio = await joined(t, "studio");
    const box = await joined(t, "gpu-box", ["--bootstrap", studio.address]);
    const { folder } = studio;
    const outside = await createTempFolder(t);

    // When: the server in the middle is asked, it knows the other one by name.
    const peers = await untilConnected(studio);
    assertEquals([peers[0]?.peer, peers[0]?.name], [box.peer, "gpu-box"]);
    const table = await mcpp(["peers", "--port", studio.port], { folder });
    assertMatch(table.stdout, /^PEER +NAME +HOST +VIA +RTT +TOOLS +SEEN\n.*gpu-box .* now\n$/);
    const ping = await mcpp(["peers", "ping", box.peer, "--port", studio.port], { folder });
    assertEquals(ping.code, 0, ping.stderr);
    assertMatch(ping.stdout, /\n4 sent, 4 answered, min\/avg\/max = [\d.]+\/[\d.]+\/[\d.]+ ms\n$/);

    // Then: who joins for a moment reaches one by its address, and the other by its name.
    const near = ["call", "--peer", studio.address, "monitoring_health"];
    const health = await mcpp(near, { folder: outside });
    assertEquals([health.code, JSON.parse(health.stdout).healthy], [0, true], health.stderr);
    const far = ["call", "--peer", "gpu-box", "--bootstrap", studio.address, "monitoring_health"];
    const named = await mcpp(far, { folder: outside });
    assertEquals([named.code, JSON.parse(named.stdout).healthy], [0, true], named.stderr);
    const look = ["peers", "discover", "--port", "0", "--bootstrap", studio.address, "--json"];
    const found = JSON.parse((await mcpp(look, { folder: outside })).stdout);
    const ids = found.peers.map(({ peer }: { readonly peer: string }) => peer);
    assert(ids.includes(box.peer) && ids.includes(studio.peer), ids.join(" "));

    // What strangers may not call is refused with the rule that would open it.
    const closed = [
      "call",
      "--peer",
      studio.address,
      "cache_set",
      "--params",
      '{"key":"a","value":1}',
    ];
    const refused = await mcpp(closed, { folder: outside });
    assertEquals(refused.code, 3);
    assertMatch(
      refused.stderr,
      /mesh\.allow there opens it; \{"peer":"12D3KooW\w+","tools":\["cache_set"\]\}/,
    );

    for (const member of [box, studio]) {
      const { code, stderr } = await member.stop();
      assertEquals(code, 0, stderr);
    }
  });

  it("keeps its identity over a restart, for its user alone", { timeout: 60_000 }, async (t) => {
    const folder = await createTempFolder(t);
    const before = JSON.parse((await mcpp(["identity", "--json"], { folder })).stdout);
    const file = join(folder, "mcplusplus", "identity.pem");
    assertEquals(before.path, file);
    if (process.platform !== "win32") assertEquals((await stat(file)).mode & 0o777, 0o600);

    const child = startMcpp(["--port", "0", "--json"], { folder });
    t.after(async () => void child.kill("SIGKILL"));
    while (!child.output().stdout.includes('"event":"mesh"')) {
      await new Promise((resolve) => child.stdout?.once("data", resolve));
    }
    const mesh = eventsIn(child.output().stdout).find(({ event }) => event === "mesh");
    askToEnd(child);
    await finished(child);

    assertEquals(mesh?.peer, before.peer);
    const { stdout: pem } = await mcpp(["identity", "export"], { folder });
    const other = await createTempFolder(t);
    await writeFile(join(other, "key.pem"), pem);
    const taken = await mcpp(["identity", "import", "key.pem", "--json"], { folder: other });
    assertEquals(JSON.parse(taken.stdout).peer, before.peer);
  });

  it("serves all that is local where the mesh cannot start, and turns peers away", {
    timeout: 60_000,
  }, async (t) => {
    const folder = await createTempFolder(t);
    await mkdir(join(folder, "mcplusplus"));
    await writeFile(join(folder, "mcplusplus", "identity.pem"), "scrambled", { mode: 0o600 });
    const child = startMcpp(["--port", "0", "--json"], { folder });
    t.after(async () => void child.kill("SIGKILL"));
    while (!child.output().stdout.includes("\n")) {
      await new Promise((resolve) => child.stdout?.once("data", resolve));
    }
    const [listening] = eventsIn(child.output().stdout);
    // Opened while the mesh was on its way, or a moment after it failed: either way it is closed.
    const early = new WebSocket(`ws://127.0.0.1:${listening?.port}/`);
    await new Promise((resolve) => early.addEventListener("close", resolve));
    while (!child.output().stdout.includes('"event":"mesh"')) {
      await new Promise((resolve) => child.stdout?.once("data", resolve));
    }

    const mesh = eventsIn(child.output().stdout).find(({ event }) => event === "mesh");
    assertEquals(mesh?.state, "failed");
    assertMatch(String(mesh?.reason), /identity\.pem cannot be used/);
    const answer = await fetch(`${listening?.url}/tools/monitoring_health`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assertEquals(answer.status, 200);
    const peers = await mcpp(["peers", "--port", String(listening?.port)], { folder });
    assertEquals(peers.code, 4);
    assertMatch(peers.stderr, /error runtime_unavailable: .*identity\.pem/);
    askToEnd(child);
    assertEquals((await finished(child)).code, 0);
  });

  it("finds all that is local well where every way into the mesh is dead", {
    timeout: 60_000,
  }, async (t) => {
    const folder = await createTempFolder(t);
    const id = JSON.parse((await mcpp(["identity", "--json"], { folder })).stdout).peer;
    // Port 1 of this machine: nobody listens there.
    const dead = `/ip4/127.0.0.1/tcp/1/p2p/${String(id).slice(0, -1)}`;
    const args = ["doctor", "--port", "0", "--bootstrap", "/ip4/127.0.0.1/tcp/1", "--json"];
    const { code, stdout } = await mcpp(args, { folder });

    const { healthy, findings } = JSON.parse(stdout);
    const faults = findings.filter(({ state }: { readonly state: string }) => state === "fault");
    assertEquals([code, healthy, faults.length], [4, false, 1], stdout);
    assertEquals(faults[0].name, "bootstrap");
    assertMatch(faults[0].detail, /127\.0\.0\.1.*refused/i);

    const call = await mcpp(["call", "monitoring_health", "--bootstrap", dead], { folder });
    assertEquals([call.code, JSON.parse(call.stdout).healthy], [0, true]);
    const gone = await mcpp(["call", "--peer", "/ip4/127.0.0.1/tcp/1", "x"], { folder });
    assertEquals(gone.code, 4, gone.stderr);
    assertMatch(gone.stderr, /error peer_unreachable: .*127\.0\.0\.1/);
  });
});

interface ListedPeer {
  readonly peer: string;
  readonly name?: string;
}

/** Ask a server for its peers until it has heard the name of one that is connected. */
async function untilConnected({ folder, port }: Member): Promise<readonly ListedPeer[]> {
  for (;;) {
    const { code, stdout, stderr } = await mcpp(["peers", "--port", port, "--json"], { folder });
    assertEquals([code, stderr], [0, ""]);
    const { peers } = JSON.parse(stdout);
    if (peers.some(({ name }: ListedPeer) => name !== undefined)) return peers;
  }
}
