import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { judgeRecord, MAX_TTL_MS, signRecord } from "../../../src/peers/peer-record.ts";
import { anyIdentity } from "../../support/mesh-nodes.ts";
import { anyRecord, contentOf, START } from "../../support/records.ts";

const faultOf = async (value: unknown, now: number = START): Promise<string | undefined> =>
  (await judgeRecord(value, now)).fault;

describe("a signed record", () => {
  it("is believed after a journey through JSON, whatever the order of its fields", async () => {
    const record = await anyRecord({ abilities: ["serve"] });
    const shuffled = Object.fromEntries(Object.entries(record).reverse());

    const { record: believed } = await judgeRecord(JSON.parse(JSON.stringify(shuffled)), START);

    assertEquals({ ...believed }, record);
    assertMatch(record.signature, /^[A-Za-z0-9_-]{86}$/);
  });

  it("is believed with fields of a later version, which are signed, too", async () => {
    const later = { ...contentOf(), region: { name: "eu", weight: 0.5 } };
    const record = await signRecord(later, await anyIdentity());

    assertEquals(await faultOf(record), undefined);
    assertEquals(await faultOf({ ...record, region: { name: "us", weight: 0.5 } }), "foreign_key");
  });

  it("is not believed when any field was changed", async () => {
    const record = await anyRecord();
    const changes = {
      addresses: ["/ip4/198.51.100.1/tcp/1"],
      abilities: ["admin"],
      interfaces: ["x"],
      name: "other",
      host: "bun",
      sequence: 2,
      expiresAt: new Date(START + 60_000).toISOString(),
    };
    for (const [field, value] of Object.entries(changes)) {
      assertEquals(await faultOf({ ...record, [field]: value }), "foreign_key", field);
    }
    const { name: _, ...without } = record;
    assertEquals(await faultOf(without), "foreign_key");
  });

  it("is not believed when somebody else signed it", async () => {
    const mine = await anyRecord();
    const theirs = await anyRecord();

    assertEquals(await faultOf({ ...mine, signature: theirs.signature }), "foreign_key");
    assertEquals(await faultOf({ ...mine, peer: theirs.peer }), "foreign_key");
  });

  it("ends at its moment", async () => {
    const record = await anyRecord({ expiresAt: new Date(START + 1000).toISOString() });

    assertEquals(await faultOf(record, START + 999), undefined);
    assertEquals(await faultOf(record, START + 1000), "expired");
  });

  it("may not live for days", async () => {
    const day = new Date(START + MAX_TTL_MS).toISOString();
    const twoDays = new Date(START + 2 * MAX_TTL_MS).toISOString();

    assertEquals(await faultOf(await anyRecord({ expiresAt: day })), undefined);
    assertEquals(await faultOf(await anyRecord({ expiresAt: twoDays })), "overlong");
  });

  it("has a size", async () => {
    const addresses = Array.from(
      { length: 32 },
      (_, at) => `/ip4/192.0.2.7/tcp/${at}/x/${"a".repeat(990)}`,
    );
    const many = { addresses, interfaces: Array.from({ length: 40 }, () => "b".repeat(128)) };

    assertEquals(await faultOf(await anyRecord({ addresses })), "oversized");
    assertEquals(await faultOf(await anyRecord(many)), "oversized");
    assertEquals(await faultOf(await anyRecord({ addresses: Array(33).fill("/x") })), "malformed");
  });

  it("is told from what is none", async () => {
    const record = await anyRecord();
    const { signature: _, ...unsigned } = record;

    assertEquals(await faultOf(unsigned), "unsigned");
    assertEquals(await faultOf({ ...record, signature: "" }), "unsigned");
    for (const other of [
      undefined,
      null,
      "record",
      [],
      { ...record, peer: "QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN" },
      { ...record, sequence: -1 },
      { ...record, sequence: 1.5 },
      { ...record, expiresAt: "tomorrow" },
      { ...record, signature: "short" },
      { ...record, later: undefined },
    ]) {
      const fault = await faultOf(other);
      assertEquals(fault === "malformed" || fault === "unsigned", true, `${fault}`);
    }
  });
});
