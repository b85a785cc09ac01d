import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ServiceFactoryMap } from "libp2p";
import { UnavailableError } from "../../../src/errors.ts";
import { dhtService } from "../../../src/peers/dht-service.ts";
import { createDhtSource, meshCid } from "../../../src/peers/dht-source.ts";
import { createMember, eventually, type Member } from "../../support/members.ts";
import { anyRecord } from "../../support/records.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

const { signal } = new AbortController();

/** A member of a table; it does nothing by itself. */
function memberOf(
  t: Cleanup,
  name: string,
  network: string,
  mode: "server" | "client",
): Promise<Member> {
  const services = { dht: dhtService(network, mode) as unknown as ServiceFactoryMap[string] };
  return createMember(t, name, { services, hasDht: true, mesh: { network } });
}

const protocolOf = (network: string): string => `/mcp/${network}/kad/1.0.0`;

async function knows(one: Member, other: Member, network: string): Promise<void> {
  await one.node.connect(other.address);
  const protocols = await one.node.protocolsOf(other.node.peer);
  assert(protocols.includes(protocolOf(network)), protocols.join());
}

describe("the distributed hash table", () => {
  it("tells a client, by way of servers, who is in the mesh", async (t) => {
    const [hub, a, b] = await Promise.all(
      ["hub", "a", "b"].map((name) => memberOf(t, name, "team", "server")),
    );
    const asker = await memberOf(t, "asker", "team", "client");
    assert(hub && a && b);
    for (const one of [a, b, asker]) await knows(one, hub, "team");
    const record = await anyRecord();
    for (const one of [a, b]) await createDhtSource(one.node, "team").publish?.(record, signal);

    const source = createDhtSource(asker.node, "team");
    const found = await source.find({ limit: 10, signal });
    assertEquals(new Set(found.map(({ peer }) => peer)), new Set([a.node.peer, b.node.peer]));
    const { addresses = [] } = found.find(({ peer }) => peer === a.node.peer) ?? {};
    assertEquals(addresses, [a.address]);
    assertEquals((await source.find({ limit: 1, signal })).length, 1);
  });

  it("has a name of its own for each mesh", async (t) => {
    const [hub, a, asker] = await Promise.all(
      ["hub", "a", "asker"].map((name) => memberOf(t, name, "team", "server")),
    );
    assert(hub && a && asker);
    for (const one of [a, asker]) await knows(one, hub, "team");
    await createDhtSource(a.node, "team").publish?.(await anyRecord(), signal);

    assertEquals(await createDhtSource(asker.node, "other").find({ limit: 10, signal }), []);
    assertEquals(String(await meshCid("team")) === String(await meshCid("other")), false);
    assertEquals(String(await meshCid("team")), String(await meshCid("team")));
  });

  it("has nobody to tell while nobody is connected, and finds nobody", async (t) => {
    const lonely = await memberOf(t, "lonely", "team", "server");
    const source = createDhtSource(lonely.node, "team");

    const publish = async (): Promise<void> => source.publish?.(await anyRecord(), signal);
    await assertRejects(publish, UnavailableError, "No peer is connected");
    assertEquals(await source.find({ limit: 10, signal }), []);
  });

  it("brings members together that were told of the same first contact, by itself", async (t) => {
    const hub = await memberOf(t, "hub", "team", "server");
    await hub.peers.start();
    const services = (): ServiceFactoryMap => ({
      dht: dhtService("team", "server") as unknown as ServiceFactoryMap[string],
    });
    const options = { hasDht: true, mesh: { network: "team", bootstrap: [hub.address] } };
    const a = await createMember(t, "a", { ...options, services: services() });
    await a.peers.start();
    await eventually("a has told the table", () => a.node.connections().length > 0);
    const b = await createMember(t, "b", { ...options, services: services() });
    await b.peers.start();

    await eventually("b knows a", () => b.peers.known().some(({ peer }) => peer === a.node.peer));
  });
});
