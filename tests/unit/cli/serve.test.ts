/** `mcpp serve`. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { AcceptedSocket } from "../../../src/host.ts";
import { upstreamStatus as upstream } from "../../support/fake-app.ts";
import { createFakePeers, PEER } from "../../support/fake-peers.ts";
import { cli, startCli } from "../../support/run-cli.ts";

const idleSocket = (): AcceptedSocket => ({
  remote: { hostname: "127.0.0.1", port: 5000 },
  bufferedBytes: 0,
  send: () => undefined,
  close: () => undefined,
  receive: () => undefined,
});

const taken = (): Error => Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" });

describe("mcpp serve", () => {
  it("is what mcpp alone does: a banner, then requests, then a clean end", async () => {
    const running = startCli(["--port", "0"]);
    await running.printed("mcpp stdio");

    const out = running.stdout();
    assertMatch(out, /^mcplusplus 0\.1\.0 · node 24\.21 · ready in 212 ms\n/);
    assertMatch(out, /MCP\s+http:\/\/127\.0\.0\.1:49152\/mcp\s+4 meta-tools over 2 tools in 2/);
    assertMatch(out, /REST\s+http:\/\/127\.0\.0\.1:49152\/tools\s+OpenAPI/);
    assertMatch(out, /Data\s+~\/\.local\/share\/mcplusplus\n/);
    const answer = await running.listening.get(49_152)?.(new Request("http://127.0.0.1/"));
    assertEquals(await answer?.text(), "ok");

    running.stop();
    assertEquals(await running.exitCode, 0);
    assertEquals(running.listening.size, 0);
    assertEquals(running.apps[0]?.stopped(), true);
  });

  it("joins the mesh as a server, with the sockets of its port", async () => {
    const running = startCli(["--port", "0"]);
    await running.printed("mcpp stdio");
    const [place] = running.places;
    assertEquals([place?.meshRole, place?.origin], ["server", "http://127.0.0.1:49152"]);
    assertEquals(place?.sockets?.port, 49_152);
    const socket = idleSocket();
    const taken: unknown[] = [];

    assertEquals(running.openSocket(49_152, socket), true);
    place?.sockets?.take((one) => taken.push(one));

    assertEquals(taken, [socket]);
    running.stop();
    assertEquals(await running.exitCode, 0);
  });

  it("does not wait for the mesh, whose line settles", async () => {
    const environment = { NO_COLOR: "1" };
    const app = { mesh: { status: { state: "starting" } } } as const;
    const running = startCli([], { isInteractive: true, columns: 60, environment, app });
    await running.printed("Mesh      … starting");

    const addresses = [`/ip4/192.168.1.7/tcp/8000/ws/p2p/${PEER}`];
    const peers = createFakePeers({ addresses });
    running.apps[0]?.settleMesh({ status: { state: "running" }, peers });
    await running.printed("▀");
    running.stop();
    assertEquals(await running.exitCode, 0);

    const [, settled = ""] = running.stdout().split("… starting\n");
    assertStringIncludes(
      settled,
      "\u001b[1A\u001b[J  Mesh      12D3KooWPq…x7f · mcpp peers shows others\n",
    );
    assertStringIncludes(settled, `http://192.168.1.7:8000/join#${addresses[0]}\n`);
    assertEquals(settled.split("12D3KooWPq…x7f").length, 2, "told once");
  });

  it("counts the rows that a long address takes before it writes over them", async () => {
    const environment = { NO_COLOR: "1" };
    const addresses = [`/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`];
    const mesh = { status: { state: "running" }, peers: createFakePeers({ addresses }) } as const;
    const app = { mesh, upstreams: [upstream("fs", {})] };
    const running = startCli([], { isInteractive: true, columns: 60, environment, app });
    await running.printed("fs  … starting");

    running.apps[0]?.setUpstreams([upstream("fs", { state: "ready", tools: 1 })]);
    await running.printed("✓ 1 tool");
    running.stop();
    await running.exitCode;

    // One for the id, two for the address, one for the hint, one for the mounted server.
    assertStringIncludes(running.stdout(), "\u001b[5A\u001b[J  Mesh");
    assertEquals(running.stdout().includes("/join#"), false, "no page reaches loopback");
  });

  it("tells a pipe and a program how the mesh came up, once and without a picture", async () => {
    const app = { mesh: { status: { state: "starting" } } } as const;
    for (const args of [[], ["--json"]]) {
      const running = startCli(args, { app });
      await running.printed("8000");
      assertEquals(running.stdout().includes("Mesh"), false);

      const status = { state: "failed", reason: "port 4001 is taken" } as const;
      running.apps[0]?.settleMesh({ status });
      await running.printed("port 4001 is taken");
      running.stop();
      await running.exitCode;

      assertEquals(running.stdout().split("port 4001 is taken").length, 2);
      assertEquals(running.stdout().includes("\u001b"), false);
    }
  });

  it("takes no sockets where the mesh or its WebSockets are off", async () => {
    for (const off of ["features.mesh=false", "mesh.webSocket=false"]) {
      const running = startCli(["--port", "0", "--set", off]);
      await running.printed("mcpp stdio");
      assertEquals(running.openSocket(49_152, idleSocket()), false, off);
      assertEquals(running.places[0]?.sockets, undefined);
      running.stop();
      assertEquals(await running.exitCode, 0);
    }
  });

  it("gives a program one JSON line per event", async () => {
    const running = startCli(["serve", "--json"]);
    await running.printed("listening");
    running.stop();
    await running.exitCode;

    const events = running.stdout().trim().split("\n");
    const [listening, mesh, stopping] = events.map((line) => JSON.parse(line));
    assertEquals(listening.url, "http://127.0.0.1:8000");
    assertEquals(listening.tools, 2);
    const off = { state: "off", reason: "this app is a fake", missing: {} };
    assertEquals(listening.mesh, { ...off, addresses: [], peers: 0 });
    assertEquals(mesh, { event: "mesh", ...listening.mesh });
    assertEquals(stopping, { event: "stopping" });
  });

  it("says who to ask when the port is taken, with exit code 4", async () => {
    const { code, stderr, apps } = await cli(["serve"], { listenError: taken() });

    assertEquals(code, 4);
    assertStringIncludes(stderr, "error address_unavailable: 127.0.0.1:8000 is already in use");
    assertStringIncludes(stderr, "--port 0");
    assertEquals(apps.length, 0, "nothing was started for nothing");
  });

  it("refuses an address that others reach before anything is opened", async () => {
    const { code, stderr, apps } = await cli(["--hostname", "0.0.0.0"]);
    assertEquals([code, apps.length], [2, 0]);
    assertStringIncludes(stderr, "mcpp key create");
  });

  it("lets the lines of mounted servers settle on a terminal", async () => {
    const environment = { NO_COLOR: "1" };
    const app = { upstreams: [upstream("github", {}), upstream("fs", {})] };
    const running = startCli([], { isInteractive: true, columns: 80, environment, app });
    await running.printed("Upstream  fs      … starting");

    running.apps[0]?.setUpstreams([
      upstream("github", {
        state: "failed",
        error: "exited with 1: GITHUB_TOKEN\u001b[2J is not set",
      }),
      upstream("fs", { state: "ready", tools: 14 }),
    ]);
    await running.printed("✓ 14 tools over stdio");
    running.stop();

    assertEquals(await running.exitCode, 0);
    const long = running
      .stdout()
      .split("\n")
      .filter((line) => line.includes("doctor"));
    assertEquals(
      long.every((line) => line.replace("\u001b[3A\u001b[J", "").length <= 80),
      true,
    );
    assertStringIncludes(running.stdout(), "\u001b[3A\u001b[J");
    assertMatch(
      running.stdout(),
      /✗ exited with 1: GITHUB_TOKEN\[2J is … {3}\(mcpp doctor github\)\n/,
    );
  });

  it("tells each settled server once where it is piped", async () => {
    const running = startCli([], { app: { upstreams: [upstream("fs", {})] } });
    await running.printed("mcpp stdio");
    assertEquals(running.stdout().includes("Upstream"), false);

    running.apps[0]?.setUpstreams([upstream("fs", { state: "ready", tools: 1 })]);
    await running.printed("✓ 1 tool over stdio");
    running.apps[0]?.setUpstreams([upstream("fs", { state: "ready", tools: 1, calls: 5 })]);
    running.apps[0]?.setUpstreams([upstream("fs", { state: "backoff", error: "gone" })]);
    await running.printed("will be tried again");
    running.stop();
    await running.exitCode;

    const lines = running
      .stdout()
      .split("\n")
      .filter((line) => line.includes("Upstream"));
    assertEquals(lines.length, 2, lines.join("\n"));
  });

  it("prints once and in full where a person is to consent", async () => {
    const consentUrl = `https://issuer.example/authorize?state=${"s".repeat(200)}`;
    const app = { upstreams: [upstream("far", {})] };
    const environment = { NO_COLOR: "1" };
    const running = startCli([], { isInteractive: true, columns: 60, environment, app });
    await running.printed("… starting");

    running.apps[0]?.setUpstreams([upstream("far", { consentUrl })]);
    await running.printed(consentUrl);
    running.apps[0]?.setUpstreams([upstream("far", { consentUrl, state: "backoff", error: "no" })]);
    running.apps[0]?.setUpstreams([upstream("far", { state: "ready", tools: 3 })]);
    await running.printed("3 tools");
    running.stop();

    assertEquals(await running.exitCode, 0);
    assertEquals(running.stdout().split(consentUrl).length, 2);
    assertStringIncludes(running.stdout(), "! waits for your consent");
  });

  it("applies changes of the file, and keeps running with a faulty one", async () => {
    const files = { "/work/mcpp.yaml": "view: meta" };
    const running = startCli([], { files });
    await running.printed("mcpp stdio");

    running.change("/work/mcpp.yaml", "view: flat");
    await running.printed("reloaded /work/mcpp.yaml: view");
    running.change("/work/mcpp.yaml", "view: falt");
    await running.printed("view must be");
    assertEquals(running.listening.size, 1);

    running.stop();
    assertEquals(await running.exitCode, 0);
  });
});
