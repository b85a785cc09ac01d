/** The identity of a server on a disk in memory. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import { createIdentity } from "../../../src/mesh/identity.ts";
import { loadIdentity, readIdentity } from "../../../src/mesh/identity-file.ts";
import { createFakeHost, type FakeHostOptions } from "../../support/fake-host.ts";

const PATH = "/data/identity.pem";
const seed = (byte: number) => (length: number) => new Uint8Array(length).fill(byte);

const hostWith = (options: FakeHostOptions = {}) => createFakeHost(options);

describe("loadIdentity()", () => {
  it("makes a key at the first start that only its user may read, and finds it again", async () => {
    const { host, file } = hostWith();

    const first = await loadIdentity(host.files, PATH, seed(1));
    const second = await loadIdentity(host.files, PATH, seed(2));

    assertEquals([first.isNew, second.isNew], [true, false]);
    assertEquals(second.identity.peer, first.identity.peer);
    assertEquals(file(PATH).mode, 0o600);
    assertEquals(second.warning, undefined);
  });

  it("closes a key that others could read, and says so", async () => {
    const { exportPem, peer } = await createIdentity(seed(1)(32));
    const { host, file } = hostWith({ files: { [PATH]: exportPem() }, modes: { [PATH]: 0o640 } });

    const { identity, warning = "" } = await loadIdentity(host.files, PATH, seed(2));

    assertEquals([identity.peer, file(PATH).mode], [peer, 0o600]);
    assertStringIncludes(warning, `${PATH} could be read by others on this machine (mode 0640)`);
  });

  it("makes no new key in the place of one that it cannot read", async () => {
    const { host, file } = hostWith({ files: { [PATH]: "scrambled" } });

    const error = await assertRejects(
      () => loadIdentity(host.files, PATH, seed(1)),
      IntegrityError,
    );

    assertStringIncludes(error.message, "mcpp identity import");
    assertEquals(file(PATH).text, "scrambled");
  });
});

describe("readIdentity()", () => {
  it("gives nothing where there is no file", async () => {
    assertEquals(await readIdentity(hostWith().host.files, PATH), undefined);
  });
});
