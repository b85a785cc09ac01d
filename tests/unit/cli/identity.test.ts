/** `mcpp identity`. @module */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createIdentity } from "../../../src/mesh/identity.ts";
import { cli } from "../../support/run-cli.ts";

const PATH = "/home/ada/.local/share/mcplusplus/identity.pem";

const own = await createIdentity(new Uint8Array(32).fill(1));
const other = await createIdentity(new Uint8Array(32).fill(2));
const files = { [PATH]: own.exportPem(), "/work/other.pem": other.exportPem() };

describe("mcpp identity", () => {
  it("shows peer id, did:key, the file and who may read it", async () => {
    const { code, stdout, stderr } = await cli(["identity"], { files, modes: { [PATH]: 0o600 } });

    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n"), [
      `Peer  ${own.peer}`,
      `DID   ${own.did}`,
      "File  ~/.local/share/mcplusplus/identity.pem (mode 0600)",
      "",
    ]);
  });

  it("makes one where there is none, and says so", async () => {
    const { stdout, stderr, file } = await cli(["identity", "--json"]);

    const { peer, did, isNew, mode } = JSON.parse(stdout);
    const { peer: expected } = await createIdentity(new Uint8Array(32).fill(7));
    assertEquals([peer, isNew, mode], [expected, true, "0600"]);
    assertMatch(did, /^did:key:z6Mk/);
    assertEquals(stderr, "");
    assertEquals(file(PATH).mode, 0o600);
    assertStringIncludes((await cli(["identity"])).stderr, "made just now");
  });

  it("warns of a key that others could read, and closes it", async () => {
    const { stderr, file } = await cli(["identity", "show"], { files });

    assertStringIncludes(stderr, "could be read by others on this machine (mode 0644)");
    assertEquals(file(PATH).mode, 0o600);
  });
});

describe("mcpp identity export", () => {
  it("prints the key as PEM, and on a terminal that it is a secret", async () => {
    const piped = await cli(["identity", "export"], { files });
    assertEquals([piped.stdout, piped.stderr], [own.exportPem(), ""]);

    const seen = await cli(["identity", "export"], { files, isInteractive: true });
    assertEquals(seen.stdout, own.exportPem());
    assertStringIncludes(seen.stderr, "This is the secret key");
  });

  it("writes it to a file for this user alone, and over none", async () => {
    const out = ["identity", "export", "--out", "copy.pem"];
    const { code, stdout, file } = await cli(out, { files });
    assertEquals(code, 0);
    assertEquals(file("/work/copy.pem"), { text: own.exportPem(), mode: 0o600 });
    assertEquals(stdout.includes("PRIVATE"), false);

    const taken = await cli(out, { files: { ...files, "/work/copy.pem": "mine" } });
    assertEquals([taken.code, taken.file("/work/copy.pem").text], [2, "mine"]);
  });

  it("has nothing to print before there is a key, with exit code 6", async () => {
    const { code, stderr } = await cli(["identity", "export"]);
    assertEquals(code, 6);
    assertStringIncludes(stderr, "mcpp identity makes one");
  });
});

describe("mcpp identity import", () => {
  it("takes over a key from a file or standard input", async () => {
    const { [PATH]: _, ...none } = files;
    const named = await cli(["identity", "import", "other.pem"], { files: none });
    assertEquals(named.code, 0, named.stderr);
    assertEquals(named.file(PATH), { text: other.exportPem(), mode: 0o600 });
    assertStringIncludes(named.stdout, `This server is ${other.peer} from its next start on`);

    const piped = await cli(["identity", "import", "-", "--json"], { input: other.exportPem() });
    assertEquals(JSON.parse(piped.stdout), { peer: other.peer, path: PATH, kept: null });
  });

  it("replaces another identity only when forced, and keeps the old one beside it", async () => {
    const refused = await cli(["identity", "import", "other.pem"], { files });
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, `holds another identity, ${own.peer}: --force`);
    assertEquals(refused.file(PATH).text, own.exportPem());

    const forced = await cli(["identity", "import", "other.pem", "--force"], { files });
    assertEquals(forced.code, 0);
    assertEquals(forced.file(PATH).text, other.exportPem());
    const kept = PATH.replace(".pem", `-${own.peer}.pem`);
    assertEquals(forced.file(kept), { text: own.exportPem(), mode: 0o600 });
    assertStringIncludes(forced.stderr, kept);
  });

  it("brings a server back whose key is broken", async () => {
    const broken = { ...files, [PATH]: "scrambled" };
    assertEquals((await cli(["identity"], { files: broken })).code, 5);
    assertEquals((await cli(["identity", "import", "other.pem"], { files: broken })).code, 2);

    const forced = await cli(["identity", "import", "other.pem", "--force"], { files: broken });

    assertEquals(forced.code, 0);
    assertEquals(forced.file(PATH).text, other.exportPem());
    assertEquals(forced.file(PATH.replace(".pem", "-unreadable.pem")).text, "scrambled");
  });

  it("refuses what is no key before it touches anything, with exit code 2", async () => {
    const { code, stderr, file } = await cli(["identity", "import", "-", "--force"], {
      files,
      input: "-----BEGIN CERTIFICATE-----",
    });
    assertEquals([code, file(PATH).text], [2, own.exportPem()]);
    assertStringIncludes(stderr, "no private Ed25519 key");
  });
});
