import { describe, it } from "node:test";
import type { Stream } from "@libp2p/interface";
import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../../src/concurrency/clock.ts";
import { encodeFrames } from "../../../src/mesh/framing.ts";
import type { MeshNode } from "../../../src/mesh/mesh-node.ts";
import {
  exchangeRecords,
  MAX_RECORDS,
  PEERS_PROTOCOL,
  type Question,
  tagOf,
} from "../../../src/peers/exchange.ts";
import type { SignedRecord } from "../../../src/registry/peers.ts";
import {
  createMember,
  eventually,
  type Member,
  namesKnownTo,
  startMember,
} from "../../support/members.ts";
import { anyIdentity, memoryTransport, startNode } from "../../support/mesh-nodes.ts";
import { anyRecord } from "../../support/records.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

const { signal } = new AbortController();
const soon = (): string => new Date(Date.now() + 600_000).toISOString();
const records = (count: number): Promise<SignedRecord[]> =>
  Promise.all(
    Array.from({ length: count }, (_, at) => anyRecord({ name: `n${at}`, expiresAt: soon() })),
  );

/** A member, and a bare node that is connected to it and says what it likes. */
async function setUp(t: Cleanup): Promise<{ member: Member; stranger: MeshNode }> {
  const member = await startMember(t, "member");
  const stranger = await startNode(t, [memoryTransport()]);
  await stranger.connect(member.address);
  return { member, stranger };
}

const exchange = (stranger: MeshNode, { node }: Member, question: Question) =>
  exchangeRecords({ node: stranger, clock: systemClock }, node.peer, question, signal);
const ask = async (stranger: MeshNode, member: Member, question: Question) =>
  (await exchange(stranger, member, question)).records;

/** Send raw bytes as a question; gives how the stream ended. */
async function send(stranger: MeshNode, { node }: Member, bytes: Uint8Array): Promise<string> {
  const stream: Stream = await stranger.openStream(node.peer, PEERS_PROTOCOL);
  const ended = new Promise<string>((resolve) => {
    stream.addEventListener("close", ({ error }) => resolve(error ? "aborted" : "closed"));
  });
  stream.send(bytes);
  return await ended;
}

const framed = (text: string): Uint8Array => encodeFrames([text]);

describe("the exchange of records", () => {
  it("gives a stranger what it wants, the member's own record first, and no more", async (t) => {
    const { member, stranger } = await setUp(t);
    for (const record of await records(5)) await member.peers.accept(record);

    const given = (await ask(stranger, member, { want: 3, records: [] })) as SignedRecord[];

    assertEquals(given.length, 3);
    assertEquals(given[0]?.peer, member.node.peer);
    assertEquals(await ask(stranger, member, { want: 0, records: [] }), []);
  });

  it("gives what the other side does not hold, and says what it lacks itself", async (t) => {
    const { member, stranger } = await setUp(t);
    const [a, b, c] = await records(3);
    assert(a && b && c);
    for (const record of [a, b]) await member.peers.accept(record);

    const have = [tagOf(c), tagOf(a)];
    const answer = await exchange(stranger, member, { want: 10, records: [], have });

    const names = (answer.records as SignedRecord[]).map(({ name }) => name);
    assertEquals([names, answer.lack], [["member", "n1"], [0]]);
  });

  it("joins two islands whole, whoever of them dials", async (t) => {
    const [a, b] = await Promise.all(["a", "b"].map((name) => startMember(t, name)));
    assert(a && b);
    for (const record of await records(3)) await a.peers.accept(record);
    for (const at of [7, 8]) {
      await b.peers.accept(await anyRecord({ name: `n${at}`, expiresAt: soon() }));
    }
    await a.node.connect(b.address);

    await eventually("both know all", () => [a, b].every((one) => namesKnownTo(one).length === 6));
  });

  it("takes only what proves itself", async (t) => {
    const { member, stranger } = await setUp(t);
    const [good, bad] = await records(2);
    assert(good && bad);
    await ask(stranger, member, { want: 0, records: [good, { ...bad, name: "forged" }] });

    assertEquals(namesKnownTo(member), ["n0"]);
    const [dropped] = member.metrics.snapshot("mcpp_peer_records_dropped_total");
    assertEquals([dropped?.labels, dropped?.value], [{ reason: "foreign_key" }, 1]);
  });

  it("ends streams that carry something else, and serves others meanwhile", async (t) => {
    const { member, stranger } = await setUp(t);
    for (const bytes of [
      framed("not json"),
      framed("[]"),
      framed('{"want":-1,"records":[]}'),
      framed(`{"want":${MAX_RECORDS + 1},"records":[]}`),
      framed(`{"want":1,"records":[${"1,".repeat(MAX_RECORDS)}1]}`),
      framed('{"want":1,"records":[],"have":["short"]}'),
      framed(`{"want":1,"records":[],"have":[${`"${"x".repeat(16)}",`.repeat(2048)}"x"]}`),
      // Lengths of 2 MiB and of 4 GiB.
      Uint8Array.of(0, 0x20, 0, 0),
      new Uint8Array(16).fill(0xff),
    ]) {
      assertEquals(await send(stranger, member, bytes), "aborted");
    }

    assertEquals((await ask(stranger, member, { want: 1, records: [] })).length, 1);
  });

  it("takes only so many records of one peer within a minute", async (t) => {
    const { member, stranger } = await setUp(t);
    const [forged] = await records(1);
    assert(forged);
    const many = Array.from({ length: 250 }, () => ({ ...forged, name: "forged" }));
    let refused = 0;
    for (let round = 0; round < 20 && refused === 0; round += 1) {
      await ask(stranger, member, { want: 0, records: many }).catch(() => {
        refused = round;
      });
    }

    assertEquals(refused, 16, "4,096 records, 250 at a time");
    const other = await startNode(t, [memoryTransport()]);
    await other.connect(member.address);
    assertEquals((await ask(other, member, { want: 1, records: [] })).length, 1);
  });

  it("does not mind peers that do not speak it", async (t) => {
    const bare = await startNode(t, [memoryTransport(crypto.randomUUID())]);
    const [address = ""] = bare.addresses();
    const member = await startMember(t, "member", { bootstrap: [address] });
    await eventually("it is connected", () => member.node.connections(bare.peer).length === 1);
    await eventually("it noticed", () => member.logLines.some((line) => line.includes("exchange")));

    assertEquals(
      member.peers.known().map(({ peer, name }) => [peer, name]),
      [[bare.peer, undefined]],
    );
  });

  it("passes on what is news to those behind its neighbours", async (t) => {
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => startMember(t, name)));
    assert(a && b && c);
    await a.node.connect(b.address);
    await b.node.connect(c.address);
    await eventually("a and c know all", () =>
      [a, c].every((one) => namesKnownTo(one).length === 2),
    );
    const [record] = await records(1);
    await a.peers.accept(record);

    await eventually("c knows the new one", () => namesKnownTo(c).includes("n0"));
  });

  it("tells of a member that joins late everybody who is there", async (t) => {
    const hub = await startMember(t, "hub");
    const early = await startMember(t, "early", { bootstrap: [hub.address] });
    await eventually("the hub knows the early one", () => namesKnownTo(hub).includes("early"));
    const late = await startMember(t, "late", { bootstrap: [hub.address] });

    await eventually("early knows late", () => namesKnownTo(early).includes("late"));
    await eventually("late knows early", () => namesKnownTo(late).includes("early"));
  });

  it("keeps a client that is there for a moment to itself", async (t) => {
    const hub = await startMember(t, "hub");
    const client = await createMember(t, "client", { bootstrap: [hub.address], role: "client" });
    await client.peers.start();
    await eventually("the client knows the hub", () => namesKnownTo(client).includes("hub"));

    assertEquals(namesKnownTo(hub), []);
    assertEquals(
      hub.peers.records(10).map(({ name }) => name),
      ["hub"],
    );
    assertEquals(
      client.peers.records(10).map(({ name }) => name),
      ["hub"],
    );
  });
});

describe("records that others hold", () => {
  it("cannot be changed by a peer that passes them on", async (t) => {
    const { member, stranger } = await setUp(t);
    const identity = await anyIdentity();
    const first = await anyRecord({ sequence: 1, name: "first", expiresAt: soon() }, identity);
    const second = await anyRecord({ sequence: 2, name: "second", expiresAt: soon() }, identity);
    for (const record of [second, first])
      await ask(stranger, member, { want: 0, records: [record] });

    assertEquals(namesKnownTo(member), ["second"]);
  });
});
