/** `mcpp peers`, joined for the moment. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import type { PeerInfo } from "../../../src/registry/peers.ts";
import type { FakeAppOptions } from "../../support/fake-app.ts";
import { createFakePeers, OTHER_PEER, PEER, peerInfo } from "../../support/fake-peers.ts";
import { type PeerAnswers, peerTools } from "../../support/peer-tools.ts";
import { cli } from "../../support/run-cli.ts";

/** An app that has joined a mesh whose tools answer this. */
function joined(answers: PeerAnswers, ping: () => Promise<number> = async () => 1): FakeAppOptions {
  const peers = createFakePeers({ ping, discover: async () => ({ peers: [], sources: [] }) });
  return { mesh: { status: { state: "running" }, peers }, categories: [peerTools(answers)] };
}

const connection = {
  peer: OTHER_PEER,
  name: "gpu-box",
  address: `/ip4/192.168.1.8/tcp/4001/p2p/${OTHER_PEER}`,
  transport: "tcp",
  isRelayed: false,
  rttMs: 4.13,
};

// Without a port of its own there is no running server to ask.
const ALONE = ["--port", "0"] as const;

describe("mcpp peers", () => {
  const known = [
    peerInfo({ name: "gpu-box", host: "bun", ageMs: 125_000 }),
    peerInfo({
      peer: PEER,
      name: "studio\u001b[2J",
      host: "node",
      isConnected: true,
      via: "tcp",
      rttMs: 0.31,
      tools: 61,
    }),
  ];
  const answers: PeerAnswers = {
    p2p_peer_list: ({ cursor }) =>
      cursor === undefined ? { peers: [known[0]], nextCursor: "2" } : { peers: [known[1]] },
  };

  it("lists every known peer in a table, those that are connected first", async () => {
    const { code, stdout, stderr, places } = await cli(["peers", ...ALONE], {
      app: joined(answers),
    });

    assertEquals(code, 0, stderr);
    assertEquals(stdout.split("\n"), [
      "PEER            NAME       HOST  VIA  RTT     TOOLS  SEEN",
      "12D3KooWPq…x7f  studio[2J  node  tcp  0.3 ms  61     now",
      "12D3KooWRa…2bd  gpu-box    bun   –    –       –      2 min",
      "",
    ]);
    assertEquals(places[0]?.meshRole, "client");
    assertStringIncludes(stderr, "joining the mesh for this command");
  });

  it("gives a program all that is known", async () => {
    const { stdout } = await cli(["peers", "list", ...ALONE, "--json"], { app: joined(answers) });

    const { through, peers } = JSON.parse(stdout);
    assertEquals(through, "client");
    assertEquals(peers, [known[1], known[0]]);
  });

  it("starts no mounted server, and says what helps where nobody is known", async () => {
    const files = { "/work/mcpp.yaml": "mcpServers: { a: { command: x } }" };
    const none = { ...answers, p2p_peer_list: () => ({ peers: [] }) };
    const { code, stdout, stderr, apps } = await cli(["peers", ...ALONE], {
      files,
      app: joined(none),
    });

    assertEquals([code, stdout], [0, ""]);
    assertStringIncludes(stderr, "mcpp peers connect <address>");
    assertEquals(apps[0]?.app.config.mcpServers.a?.disabled, true);
    assertEquals(apps[0]?.stopped(), true);
  });

  it("says why the mesh does not run, with exit code 4", async () => {
    const mesh = { status: { state: "failed", reason: "port 4001 is taken" } } as const;
    const { code, stderr, apps } = await cli(["peers", ...ALONE], { app: { mesh } });

    assertEquals(code, 4);
    assertStringIncludes(stderr, "error runtime_unavailable: The mesh is not running: port 4001");
    assertEquals(apps[0]?.stopped(), true);
  });

  it("takes no answer for a list that is none", async () => {
    const app = joined({ ...answers, p2p_peer_list: () => ({ peers: [{ peer: 7 }] }) });
    const { code, stderr } = await cli(["peers", ...ALONE], { app });

    assertEquals(code, 5);
    assertMatch(stderr, /error schema_mismatch: p2p_peer_list .*peers\/0\/peer/);
  });
});

describe("mcpp peers connect", () => {
  it("says to whom, over what and how far", async () => {
    const asked: unknown[] = [];
    const answers: PeerAnswers = {
      p2p_peer_connect(input) {
        asked.push(input);
        return connection;
      },
    };
    const args = ["peers", "connect", connection.address, ...ALONE];
    const { code, stdout } = await cli([...args, "--bootstrap", connection.address], {
      app: joined(answers),
    });

    assertEquals(code, 0);
    assertEquals(asked, [{ peer: connection.address }]);
    assertEquals(stdout.split("\n"), [
      "connected to gpu-box (12D3KooWRa…2bd) over tcp, 4.1 ms",
      `  ${connection.address}`,
      "",
    ]);
  });

  it("passes on why a peer is out of reach, with exit code 4", async () => {
    const app = joined({
      p2p_peer_connect() {
        throw new UnavailableError("peer_unreachable", "Nobody answers at 192.0.2.1:4001");
      },
    });
    const { code, stderr } = await cli(["peers", "connect", OTHER_PEER, ...ALONE], { app });

    assertEquals(code, 4);
    assertStringIncludes(stderr, "error peer_unreachable: Nobody answers at 192.0.2.1:4001");
  });
});

describe("mcpp peers discover", () => {
  it("says what each source brought, or why nothing, and then who was found", async () => {
    const asked: unknown[] = [];
    const answers: PeerAnswers = {
      p2p_peer_discover(input) {
        asked.push(input);
        const sources = [
          { source: "mdns", found: 1, ms: 312.4 },
          { source: "github", found: 0, ms: 9, error: "github.repository is not set" },
        ];
        return { peers: [peerInfo({ ageMs: 900 })], sources };
      },
    };
    const words = ["--source", "mdns", "--source", "github", "--ability", "gpu"];
    const { code, stdout } = await cli(["peers", "discover", ...words, ...ALONE], {
      app: joined(answers),
    });

    assertEquals(code, 0);
    assertEquals(asked, [{ limit: 100, sources: ["mdns", "github"], ability: "gpu" }]);
    const [mdns, github, , peer] = stdout.split("\n");
    assertEquals(mdns, "✓  mdns    1 found in 312 ms");
    assertEquals(github, "✗  github  github.repository is not set");
    assertMatch(peer ?? "", /^12D3KooWRa…2bd .*0 s$/);
  });
});

describe("mcpp peers ping", () => {
  const answers: PeerAnswers = { p2p_peer_connect: () => connection };
  const lost = (): Promise<number> =>
    Promise.reject(new UnavailableError("peer_unreachable", "It went away"));

  it("tells every reply, then the smallest, the mean and the largest", async () => {
    const times = [1, 2.5, 12];
    const app = joined(answers, async () => times.shift() ?? 0);
    const args = ["peers", "ping", connection.address, "--count", "3", ...ALONE];
    const { code, stdout } = await cli(args, { app });

    assertEquals(code, 0);
    assertEquals(stdout.split("\n"), [
      "12D3KooWRa…2bd seq=1 time=1.00 ms",
      "12D3KooWRa…2bd seq=2 time=2.50 ms",
      "12D3KooWRa…2bd seq=3 time=12 ms",
      "3 sent, 3 answered, min/avg/max = 1.00/5.17/12 ms",
      "",
    ]);
  });

  it("goes on after a lost one, and ends with exit code 4 where all are", async () => {
    let sent = 0;
    const app = joined(answers, () => (sent++ === 0 ? lost() : Promise.resolve(2)));
    const some = await cli(["peers", "ping", OTHER_PEER, "--count", "2", ...ALONE], { app });
    assertEquals(some.code, 0);
    assertStringIncludes(some.stdout, "seq=1 no answer: It went away\n");
    assertStringIncludes(some.stdout, "2 sent, 1 answered, min/avg/max = 2.00/2.00/2.00 ms");

    const none = await cli(["peers", "ping", OTHER_PEER, ...ALONE, "--json"], {
      app: joined(answers, lost),
    });
    assertEquals(none.code, 4);
    assertEquals(JSON.parse(none.stdout).replies.length, 4);
    assertEquals(JSON.parse(none.stderr.split("\n").at(-2) ?? "").error.code, "peer_unreachable");
  });

  it("refuses a count that is none", async () => {
    assertEquals((await cli(["peers", "ping", OTHER_PEER, "--count", "0"])).code, 2);
  });
});

describe("mcpp call --peer", () => {
  const asked: string[] = [];
  const tools = peerTools({ greet: (input) => ({ hello: input.peer ?? null }) }, "peer:gpu-box");

  /** A mesh in which this peer is found once somebody has looked. */
  function meshWith(reach: (peer: string) => Promise<string>): FakeAppOptions {
    const known: PeerInfo[] = [];
    const peers = createFakePeers({
      known: () => known,
      async discover() {
        asked.push("looked");
        known.push(peerInfo({ name: "gpu-box" }));
        return { peers: known, sources: [] };
      },
    });
    return { mesh: { status: { state: "running" }, peers, reach }, categories: [tools] };
  }

  it("calls the tool there, with parameters as its schema wants them", async () => {
    asked.length = 0;
    const app = meshWith(async (peer) => {
      asked.push(peer);
      return "peer:gpu-box";
    });
    const args = ["call", "--peer", "gpu-box", "greet", "--param", "peer=42"];
    const { code, stdout, stderr, apps, places } = await cli(args, { app });

    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout), { hello: "42" });
    assertEquals(asked, ["looked", OTHER_PEER]);
    assertEquals(apps[0]?.calls[0]?.category, "peer:gpu-box");
    assertEquals(places[0]?.meshRole, "client");
    assertEquals(apps[0]?.stopped(), true);
  });

  it("dials an address without looking first, and tells with exit code 4 what was tried", async () => {
    asked.length = 0;
    const address = `/ip4/192.0.2.1/tcp/4001/p2p/${OTHER_PEER}`;
    const app = meshWith(() =>
      Promise.reject(new UnavailableError("peer_unreachable", `${address} refused`)),
    );
    const { code, stderr } = await cli(["call", "--peer", address, "greet"], { app });

    assertEquals([code, asked], [4, []]);
    assertStringIncludes(stderr, `error peer_unreachable: ${address} refused`);
  });

  it("asks the peer itself about a tool that it does not list", async () => {
    const app = meshWith(async () => "peer:gpu-box");
    const args = ["call", "--peer", "gpu-box", "wipe", "--param", "a=1"];
    const { code, apps } = await cli(args, { app });

    assertEquals(
      apps[0]?.calls.map(({ tool, category, input }) => [tool, category, input]),
      [["wipe", "peer:gpu-box", { a: 1 }]],
    );
    assertEquals(code, 5);
  });

  it("knows no category of another server", async () => {
    const args = ["call", "--peer", OTHER_PEER, "--category", "x", "greet"];
    assertEquals((await cli(args)).code, 2);
  });
});
