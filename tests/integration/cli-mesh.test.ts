/** Commands about the mesh, asking a server that listens on this host. @module */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { host } from "#host";
import { UnavailableError } from "../../src/errors.ts";
import { createFakePeers, OTHER_PEER, peerInfo } from "../support/fake-peers.ts";
import { createHttpApp, type HttpAppOptions } from "../support/http-app.ts";
import { createKeys } from "../support/keys.ts";
import { type PeerAnswers, peerToolList } from "../support/peer-tools.ts";
import { cli } from "../support/run-cli.ts";
import type { Cleanup } from "../support/temp-folder.ts";

/** A server whose mesh answers this; its address. */
async function serve(
  t: Cleanup,
  answers: PeerAnswers,
  options: HttpAppOptions = {},
): Promise<string> {
  const app = createHttpApp({ ...options, tools: peerToolList(answers) });
  const server = await host.listen(app.fetch, { hostname: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = await host.listen(() => new Response(), { hostname: "127.0.0.1", port: 0 });
  await server.close();
  return server.port;
}

const list: PeerAnswers = {
  p2p_peer_list: () => ({ peers: [peerInfo({ name: "gpu-box", isConnected: true })] }),
};

describe("mcpp peers, of a running server", () => {
  it("asks the one of the configuration, and joins no mesh itself", async (t) => {
    const { port } = new URL(await serve(t, list));

    const { code, stdout, stderr, apps } = await cli(["peers", "--port", port]);

    assertEquals([code, stderr, apps.length], [0, "", 0]);
    assertMatch(stdout, /12D3KooWRa…2bd\s+gpu-box .* now\n/);
  });

  it("shows its key, from a flag or the environment, and asks for one", async (t) => {
    const { auth, as } = createKeys({ ci: { access: "destructive" } });
    const key = as("ci").authorization?.replace("Bearer ", "") ?? "";
    const server = await serve(t, list, { auth });
    const args = ["peers", "--server", server];

    assertEquals((await cli([...args, "--key", key])).code, 0);
    const { code, stderr } = await cli(args, { environment: { MCPP_KEY: key } });
    assertEquals([code, stderr], [0, ""]);
    const refused = await cli(args);
    assertEquals(refused.code, 3);
    assertMatch(refused.stderr, /error unauthenticated: .*--key or MCPP_KEY/);
  });

  it("measures the way again for every ping", async (t) => {
    let asked = 0;
    const server = await serve(t, {
      p2p_peer_connect() {
        asked += 1;
        return {
          peer: OTHER_PEER,
          address: "/x",
          transport: "tcp",
          isRelayed: false,
          rttMs: asked,
        };
      },
    });
    const args = ["peers", "ping", OTHER_PEER, "--count", "2", "--server", `${server}/`, "--json"];
    const { code, stdout } = await cli(args);

    assertEquals(code, 0);
    assertEquals(JSON.parse(stdout), {
      through: "server",
      peer: OTHER_PEER,
      replies: [{ rttMs: 2 }, { rttMs: 3 }],
      minMs: 2,
      avgMs: 2.5,
      maxMs: 3,
    });
  });

  it("ends with the code of what the server says", async (t) => {
    const server = await serve(t, {
      p2p_peer_connect() {
        throw new UnavailableError("peer_unreachable", "Nobody answers", { data: { peer: "x" } });
      },
    });
    const { code, stderr } = await cli(["peers", "connect", "x", "--server", server, "--json"]);

    assertEquals(code, 4);
    const error = { code: "peer_unreachable", message: "Nobody answers", data: { peer: "x" } };
    assertEquals(JSON.parse(stderr).error, error);
    const unknown = await cli(["peers", "discover", "--server", server]);
    assertEquals(unknown.code, 5);
    assertStringIncludes(unknown.stderr, "error unknown_tool");
  });

  it("says that none runs where one was named, with exit code 4", async (t) => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await cli(["peers", "--server", nobody]);
    assertEquals(code, 4);
    assertStringIncludes(stderr, `No server runs at ${nobody}`);

    const other = await host.listen(() => new Response("hello"), {
      hostname: "127.0.0.1",
      port: 0,
    });
    t.after(() => other.close());
    const wrong = await cli(["peers", "--server", `http://127.0.0.1:${other.port}`]);
    assertEquals(wrong.code, 4);
    assertStringIncludes(wrong.stderr, "is another program");
  });

  it("joins for the moment where none runs, and says so", async () => {
    const port = `${await freePort()}`;
    const discover = async () => ({ peers: [], sources: [] });
    const mesh = { status: { state: "running" }, peers: createFakePeers({ discover }) } as const;
    const { stderr, places } = await cli(["peers", "--port", port], { app: { mesh } });

    assertEquals(places[0]?.meshRole, "client");
    assertStringIncludes(
      stderr,
      `No server runs at http://127.0.0.1:${port}: joining the mesh for this command\n`,
    );
  });
});

describe("mcpp doctor, of the clock", () => {
  it("compares it with the servers that are asked for peers", async (t) => {
    let skewMs = 0;
    const rendezvous = createServer((_, response) => {
      response.setHeader("date", new Date(Date.now() + skewMs).toUTCString());
      response.end();
    });
    rendezvous.listen(0, "127.0.0.1");
    await once(rendezvous, "listening");
    t.after(async () => void rendezvous.close());
    const url = `http://127.0.0.1:${(rendezvous.address() as AddressInfo).port}`;
    const files = { "/work/mcpp.yaml": `mesh: { rendezvous: ["${url}"] }`, "/srv": undefined };
    const doctor = () => cli(["doctor", "--root", "/srv"], { files });

    assertStringIncludes((await doctor()).stdout, `✓ clock      agrees with ${url}\n`);
    skewMs = 7_200_000;
    const { code, stdout } = await doctor();
    assertEquals(code, 4);
    assertMatch(stdout, /✗ clock\s+this machine is 7\d\d\d s behind .*\n\s+→ set the clock/);
  });

  it("goes on without one that does not answer", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const files = { "/work/mcpp.yaml": `mesh: { rendezvous: ["${url}"] }`, "/srv": undefined };
    const { code, stdout } = await cli(["doctor", "--root", "/srv"], { files });

    assertEquals(code, 0);
    assertMatch(stdout, /! rendezvous {2}http:.* does not answer/);
  });
});
