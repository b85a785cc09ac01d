import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { processFiles } from "../../../../runtimes/shared/files.ts";
import { AuthError, InputError } from "../../../../src/errors.ts";
import type { BootstrapReport } from "../../../../src/registry/peers.ts";
import { createRootedFiles } from "../../../../src/storage/rooted-files.ts";
import { tools } from "../../../../tools/bootstrap/mod.ts";
import { createMember, startMember } from "../../../support/members.ts";
import { type Cleanup, createTempFolder } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

/** A hub, and a member that reads these lists but has not started: it dials only when told. */
async function setUp(t: Cleanup) {
  const folder = await createTempFolder(t);
  const hub = await startMember(t, "hub");
  const environment = {
    MCPP_BOOTSTRAP: `${hub.address}\n/memory/nobody`,
    TEAM_PEERS: "nonsense",
    SECRET_TOKEN: "s3cret",
  };
  const own = await createMember(t, "own", {
    bootstrap: ["/memory/configured", "broken"],
    lists: {
      environment: () => environment,
      defaultFile: join(folder, "data-peers.txt"),
      hostFiles: processFiles,
      rootedFiles: createRootedFiles(processFiles, [folder]),
    },
  });
  const { run } = await createToolScene(t, { peers: own.peers });
  const call = async (
    name: string,
    input: Record<string, unknown> = {},
  ): Promise<BootstrapReport> => {
    const tool = tools.find((one) => one.name === `p2p_bootstrap_${name}`);
    if (!tool) throw new Error(`There is no ${name}`);
    return (await run(tool, input)) as BootstrapReport;
  };
  return { folder, hub, own, call };
}

const states = ({ addresses }: BootstrapReport): unknown =>
  addresses.map(({ isValid, isConnected, reason }) => [isValid, isConnected, reason !== undefined]);

describe("the bootstrap tools", () => {
  it("connect to the addresses of the environment", async (t) => {
    const { hub, own, call } = await setUp(t);

    const report = await call("from_env");

    assertEquals([report.source, report.from], ["env", "MCPP_BOOTSTRAP"]);
    assertEquals(states(report), [
      [true, true, false],
      [true, false, true],
    ]);
    assertEquals(own.node.connections(hub.node.peer).length, 1);
  });

  it("read no variable that may hold a secret", async (t) => {
    const { call } = await setUp(t);

    assertEquals(states(await call("from_env", { name: "TEAM_PEERS" })), [[false, false, true]]);
    const error = await assertRejects(() => call("from_env", { name: "SECRET_TOKEN" }), InputError);
    assert(!error.message.includes("s3cret"), error.message);
  });

  it("connect to the addresses of a file under the roots", async (t) => {
    const { folder, hub, call } = await setUp(t);
    const path = join(folder, "friends.json");
    await writeFile(path, JSON.stringify({ addresses: [hub.address, 7] }));

    const report = await call("from_file", { path });

    assertEquals(
      [report.from, states(report)],
      [
        path,
        [
          [true, true, false],
          [false, false, true],
        ],
      ],
    );
    await assertRejects(() => call("from_file", { path: "/etc/passwd" }), AuthError);
  });

  it("take the file of the data directory, which need not be there", async (t) => {
    const { folder, hub, call } = await setUp(t);
    assertEquals((await call("from_file")).addresses, []);

    await writeFile(join(folder, "data-peers.txt"), `# first contacts\n${hub.address} # hub\n`);
    assertEquals(states(await call("from_file")), [[true, true, false]]);
  });

  it("refuse a file that cannot be a list", async (t) => {
    const { folder, call } = await setUp(t);
    const path = join(folder, "big");
    await writeFile(path, "x".repeat(1024 * 1024 + 1));

    await assertRejects(() => call("from_file", { path }), InputError, "1048577 bytes");
  });

  it("show the public nodes, and do not dial them where that is off", async (t) => {
    const { own, call } = await setUp(t);

    const { addresses } = await call("from_public", { limit: 3 });

    assertEquals(addresses.length, 3);
    for (const { isValid, isConnected, reason } of addresses) {
      assertEquals([isValid, isConnected], [true, false]);
      assertMatch(reason ?? "", /features.publicBootstrap is off/);
    }
    assertEquals(own.node.connections(), []);
  });

  it("list all of them without dialing", async (t) => {
    const { own, call } = await setUp(t);

    const { lists } = (await call("list")) as unknown as { lists: BootstrapReport[] };

    assertEquals(
      lists.map(({ source }) => source),
      ["config", "env", "file"],
    );
    assertEquals(
      lists.map(({ addresses }) => addresses.map(({ isValid }) => isValid)),
      [[true, false], [true, true], []],
    );
    assertEquals(own.node.connections(), []);
  });
});
