/** `mcpp doctor`. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Host, TransportOptions } from "../../../src/host.ts";
import { createIdentity } from "../../../src/mesh/identity.ts";
import type { BootstrapAddress, Peers } from "../../../src/registry/peers.ts";
import type { FakeAppOptions, FakeMesh } from "../../support/fake-app.ts";
import { createFakePeers } from "../../support/fake-peers.ts";
import { cli } from "../../support/run-cli.ts";

const taken = (): Error => Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" });

describe("mcpp doctor", () => {
  it("finds nothing wrong with a good machine", async () => {
    const files = { "/srv": undefined };
    const { code, stdout } = await cli(["doctor", "--root", "/srv"], { files });

    assertEquals(code, 0, stdout);
    assertMatch(stdout, /✓ host\s+node 24\.21\.0 on linux\n/);
    assertMatch(stdout, /✓ config\s+no file/);
    assertMatch(stdout, /✓ data\s+.*opens and writes/);
    assertMatch(stdout, /✓ roots\s+\/srv\n/);
    assertMatch(stdout, /✓ port\s+127\.0\.0\.1:8000 is free/);
    assertMatch(stdout, /✓ peer port {2}127\.0\.0\.1:4001 is free/);
    assertMatch(stdout, /✓ identity\s+none yet/);
    assertMatch(
      stdout,
      /! reach\s+only programs on this machine.*\n\s+→ mesh\.hostname: 0\.0\.0\.0/,
    );
    assertMatch(stdout, /! mesh\s+off: this app is a fake/);
  });

  it("says what is wrong and what to do, with exit code 4", async () => {
    const { code, stdout } = await cli(["doctor", "--root", "/nowhere"], {
      version: "22.1.0",
      listenError: taken(),
    });

    assertEquals(code, 4);
    assertMatch(stdout, /✗ host\s+node 22\.1\.0 on linux is too old\n\s+→ install node 24\.0/);
    assertMatch(stdout, /✗ roots\s+\/nowhere does not exist\n\s+→ create/);
    assertMatch(stdout, /✗ port\s+127\.0\.0\.1:8000 is taken by .*\n\s+→ /);
  });

  it("reports a broken configuration as a finding, with exit code 2", async () => {
    const files = { "/work/mcpp.yaml": "veiw: flat" };
    const { code, stdout } = await cli(["doctor", "--json"], { files });

    assertEquals(code, 2);
    const { healthy, findings } = JSON.parse(stdout);
    assertEquals(healthy, false);
    assertEquals(findings.at(-1).name, "config");
    assertStringIncludes(findings.at(-1).detail, "did you mean view?");
  });

  it("asks every mounted server, or the one that was named", async () => {
    const files = {
      "/work/mcpp.yaml":
        "mcpServers: { fs: { command: x }, github: { command: y }, off: { command: z, disabled: true } }",
    };
    const diagnoses = {
      fs: { healthy: true, detail: "14 tools", hints: [] },
      github: { healthy: false, detail: "exited with 1", hints: ["set GITHUB_TOKEN"] },
    };
    const all = await cli(["doctor"], { files, app: { diagnoses } });
    assertEquals(all.code, 4);
    assertStringIncludes(all.stdout, "✓ upstream fs  14 tools");
    assertStringIncludes(all.stdout, "✗ upstream github  exited with 1\n    → set GITHUB_TOKEN");

    const one = await cli(["doctor", "fs"], { files, app: { diagnoses } });
    assertEquals(one.code, 0);
    assertEquals(one.stdout.includes("host"), false);
    assertEquals(one.apps[0]?.stopped(), true);
  });
});

describe("mcpp doctor, of the mesh", () => {
  const files = { "/srv": undefined };
  const doctor = (args: readonly string[] = [], options: Parameters<typeof cli>[1] = {}) =>
    cli(["doctor", "--root", "/srv", ...args], { files, ...options });

  /** A mesh whose configured addresses turn out like this. */
  function bootstrapped(...addresses: readonly BootstrapAddress[]): FakeAppOptions {
    const readBootstrap: Peers["readBootstrap"] = async (source) => ({
      source,
      from: source === "config" ? "mesh.bootstrap" : "/data/peers.txt",
      addresses: source === "config" ? addresses : [],
    });
    const mesh: FakeMesh = {
      status: { state: "running" },
      peers: createFakePeers({ readBootstrap }),
    };
    return { mesh };
  }

  it("says which setting turned it off, and starts nothing for it", async () => {
    const { code, stdout, apps } = await doctor(["--set", "features.mesh=false"]);

    assertEquals([code, apps.length], [0, 0]);
    assertMatch(stdout, /! mesh\s+off: features\.mesh is false \(flag --set features\.mesh\)/);
    assertEquals(stdout.includes("peer port"), false);
  });

  it("joins as a client, which takes no port and is nobody's server", async () => {
    const { code, stdout, places, apps } = await doctor([], { app: bootstrapped() });

    assertEquals(code, 0, stdout);
    assertEquals(places[0]?.meshRole, "client");
    assertMatch(stdout, /✓ mesh\s+a node starts/);
    assertMatch(stdout, /! bootstrap {2}no address is configured.*\n\s+→ .*--bootstrap/);
    assertEquals(apps[0]?.stopped(), true);
  });

  it("tells what does not start, and that all else is well", async () => {
    const mesh = { status: { state: "failed", reason: "UDP is blocked" } } as const;
    const { code, stdout } = await doctor([], { app: { mesh } });

    assertEquals(code, 4);
    assertMatch(stdout, /✗ mesh\s+does not start: UDP is blocked/);
    assertMatch(stdout, /✓ data/);
  });

  it("tells which transport is wanted and not there, in the words of the host", async () => {
    const asked: TransportOptions[] = [];
    const openTransports: Host["openTransports"] = async (options) => {
      asked.push(options);
      return { transports: [], missing: { quic: "quic cannot be loaded: npm install it" } };
    };
    const { code, stdout } = await doctor(["--set", "mesh.quicPort=4002"], { openTransports });

    assertEquals(code, 0);
    assertMatch(stdout, /! transport {2}quic cannot be loaded: npm install it\n/);
    assertEquals([asked[0]?.hostname, asked[0]?.quicPort], ["127.0.0.1", 4002]);

    const lost = (): Promise<never> => Promise.reject(new Error("getaddrinfo ENOTFOUND"));
    const wrong = await doctor(["--set", "mesh.hostname=nowhere"], { openTransports: lost });
    assertEquals(wrong.code, 4);
    assertMatch(wrong.stdout, /✗ transport {2}mesh\.hostname nowhere: getaddrinfo ENOTFOUND\n/);
  });

  it("names the reason for every address where none answers, with exit code 4", async () => {
    const app = bootstrapped(
      { address: "/ip4/192.0.2.1/tcp/4001", isValid: true, isConnected: false, reason: "refused" },
      { address: "/ip5/x", isValid: false, isConnected: false, reason: "no such protocol" },
    );
    const { code, stdout } = await doctor(["--json"], { app });

    const { healthy, findings } = JSON.parse(stdout);
    assertEquals([code, healthy], [4, false]);
    const faults = findings.filter(({ state }: { state: string }) => state === "fault");
    assertEquals(
      faults.map(({ name, detail }: { name: string; detail: string }) => [name, detail]),
      [
        ["bootstrap", "/ip4/192.0.2.1/tcp/4001: refused (mesh.bootstrap)"],
        ["bootstrap", "/ip5/x: no such protocol (mesh.bootstrap)"],
      ],
    );
  });

  it("takes one address that answers for enough", async () => {
    const app = bootstrapped(
      { address: "/ip4/192.0.2.1/tcp/4001", isValid: true, isConnected: false, reason: "refused" },
      { address: "/ip4/192.0.2.2/tcp/4001", isValid: true, isConnected: true },
    );
    const { code, stdout } = await doctor([], { app });

    assertEquals(code, 0, stdout);
    assertMatch(stdout, /! bootstrap {2}\/ip4\/192\.0\.2\.1\/tcp\/4001: refused .*\n/);
    assertMatch(stdout, /✓ bootstrap {2}\/ip4\/192\.0\.2\.2\/tcp\/4001 is connected\n/);
  });

  it("looks at the file of the key: who may read it, and whether it is one", async () => {
    const path = "/home/ada/.local/share/mcplusplus/identity.pem";
    const { exportPem, peer } = await createIdentity(new Uint8Array(32).fill(1));
    const own = { ...files, [path]: exportPem() };

    const good = await doctor([], { files: own, modes: { [path]: 0o600 } });
    assertStringIncludes(good.stdout, `✓ identity   ${peer} in ${path}\n`);
    const open = await doctor([], { files: own });
    assertEquals(open.code, 0);
    assertMatch(open.stdout, /! identity {2}.* can be read by others .*mode 0644/);
    const broken = await doctor([], { files: { ...files, [path]: "scrambled" } });
    assertEquals(broken.code, 4);
    assertMatch(broken.stdout, /✗ identity {2}.*cannot be used.*\n\s+→ mcpp identity import/);
  });

  it("knows by which way others reach this server", async () => {
    const reach = async (...settings: readonly string[]): Promise<string> => {
      const flags = settings.flatMap((setting) => ["--set", setting]);
      const { stdout } = await doctor(["--insecure", ...flags]);
      return /^. reach +(.*)$/m.exec(stdout)?.[1] ?? stdout;
    };

    assertEquals(await reach("mesh.hostname=0.0.0.0"), "listens for peers on 0.0.0.0");
    assertEquals(
      await reach("listen.hostname=0.0.0.0", "mesh.tcpPort=off", "mesh.webRtcPort=off"),
      "takes WebSockets on 0.0.0.0:8000",
    );
    assertEquals(
      await reach("mesh.announce=/dns4/tools.example/tcp/443/wss"),
      "announced as /dns4/tools.example/tcp/443/wss",
    );
    assertMatch(
      await reach("listen.hostname=0.0.0.0", "mesh.hostname=127.0.0.1", "mesh.webSocket=false"),
      /^only programs on this machine/,
    );
  });
});
