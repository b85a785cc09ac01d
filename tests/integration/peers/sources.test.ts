import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { ServiceFactoryMap } from "libp2p";
import { createBootstrapLists, createListSource } from "../../../src/peers/bootstrap-lists.ts";
import { dhtService } from "../../../src/peers/dht-service.ts";
import { createDhtSource } from "../../../src/peers/dht-source.ts";
import { openDirectory } from "../../../src/peers/directory.ts";
import { createGithubApi } from "../../../src/peers/github-api.ts";
import { formatComment } from "../../../src/peers/github-comment.ts";
import { createGithubSource } from "../../../src/peers/github-source.ts";
import { createGossip } from "../../../src/peers/gossip.ts";
import { createMdnsSource } from "../../../src/peers/mdns-source.ts";
import { createRendezvousSource } from "../../../src/peers/rendezvous-source.ts";
import { createSources, type SourceNeeds } from "../../../src/peers/sources.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { subjectOf, testPeerSource } from "../../contract/peer-source.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { REPOSITORY, startGithubApi, TOKEN } from "../../support/github-api.ts";
import { askApp } from "../../support/http-app.ts";
import {
  createMember,
  eventually,
  type Member,
  type MemberOptions,
  namesKnownTo,
  peersConfig,
  startMember,
} from "../../support/members.ts";
import { anyIdentity } from "../../support/mesh-nodes.ts";
import { anyRecord, START } from "../../support/records.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

const { signal } = new AbortController();
const soon = (): string => new Date(Date.now() + 600_000).toISOString();
const everybody = { limit: 100, signal };

const noFiles = {
  defaultFile: "/nowhere",
  rootedFiles: {
    read: () => Promise.reject(new Error("no files")),
    sizeBytes: () => Promise.reject(new Error("no files")),
  },
};

testPeerSource("a list", async () => {
  const [a, b] = await Promise.all([anyIdentity(), anyIdentity()]);
  let isBroken = false;
  const read = createBootstrapLists({
    ...noFiles,
    configured: () => [`/ip4/192.0.2.7/tcp/1/p2p/${a.peer}`, "nonsense"],
    environment: () => {
      if (isBroken) throw new Error("no environment");
      return { MCPP_BOOTSTRAP: `/ip4/192.0.2.8/tcp/1/p2p/${b.peer}` };
    },
  });
  return {
    source: createListSource("file", read, ["config", "env"]),
    peers: [a.peer, b.peer],
    now: START,
    async breakDown() {
      isBroken = true;
    },
  };
});

testPeerSource("the local network", async () => {
  const [a, b] = await Promise.all([anyIdentity(), anyIdentity()]);
  let isBroken = false;
  const source = createMdnsSource({
    async join({ found }) {
      if (isBroken) throw new Error("no UDP");
      for (const { peer } of [a, b]) found(peer, ["/ip4/192.168.1.7/tcp/1"]);
      return { leave: async () => {} };
    },
    node: { peer: "self", addresses: () => ["/ip4/192.168.1.1/tcp/1"] },
    network: "team",
    isTold: true,
    clock: { ...createFakeClock(), sleep: async () => {} },
  });
  return {
    source,
    peers: [a.peer, b.peer],
    now: START,
    async breakDown() {
      isBroken = true;
    },
  };
});

testPeerSource("a GitHub registry", async (t) => {
  const github = await startGithubApi(t);
  const clock = createFakeClock(START);
  const self = await anyIdentity();
  const registry = "peers";
  const issue = github.addIssue(registry);
  const records = [await anyRecord(), await anyRecord()] as const;
  for (const record of records) github.addComment(issue, formatComment(registry, record, START));
  const sourceOf = (own: string) => {
    const fetching = (url: string, init?: RequestInit): Promise<Response> => fetch(url, init);
    const api = createGithubApi({ apiUrl: github.url, token: TOKEN, fetch: fetching, clock });
    return createGithubSource({
      api,
      repository: REPOSITORY,
      registry,
      self: own,
      canWrite: true,
      clock,
    });
  };
  return {
    source: sourceOf(self.peer),
    peers: [records[0].peer, records[1].peer],
    now: START,
    own: {
      record: await anyRecord({}, self),
      async seenByOthers() {
        const found = await sourceOf("other").find(everybody);
        return found.filter((one) => subjectOf(one) === self.peer).length === 1;
      },
    },
    async breakDown() {
      github.refusals.push({ status: 502 });
    },
  };
});

testPeerSource("a rendezvous", async (t) => {
  const { peers } = await createMember(t, "meeting-point");
  const records = [
    await anyRecord({ expiresAt: soon() }),
    await anyRecord({ expiresAt: soon() }),
  ] as const;
  for (const record of records) await peers.accept(record);
  const { ask } = askApp({ peers: () => peers });
  const own = await anyRecord({ expiresAt: soon() });
  let isBroken = false;
  const source = createRendezvousSource("http://127.0.0.1:8000/", (url, init) => {
    const { pathname, search } = new URL(url);
    if (isBroken) return Promise.reject(new Error("connection refused"));
    return ask(pathname + search, init);
  });
  return {
    source,
    peers: [records[0].peer, records[1].peer],
    now: Date.now(),
    own: {
      record: own,
      seenByOthers: async () => peers.records(10).some(({ peer }) => peer === own.peer),
    },
    async breakDown() {
      isBroken = true;
    },
  };
});

const table = (): ServiceFactoryMap => ({
  dht: dhtService("team", "server") as unknown as ServiceFactoryMap[string],
});

testPeerSource("a hash table", async (t) => {
  const member = (name: string): Promise<Member> => createMember(t, name, { services: table() });
  const [hub, a, b, self, other] = (await Promise.all(
    ["hub", "a", "b", "self", "other"].map(member),
  )) as [Member, Member, Member, Member, Member];
  const record = await anyRecord();
  for (const { node } of [a, b, self, other]) {
    await node.connect(hub.address);
    await node.protocolsOf(hub.node.peer);
  }
  for (const { node } of [a, b]) await createDhtSource(node, "team").publish?.(record, signal);
  return {
    source: createDhtSource(self.node, "team"),
    peers: [a.node.peer, b.node.peer],
    now: Date.now(),
    own: {
      record,
      async seenByOthers() {
        const found = await createDhtSource(other.node, "team").find(everybody);
        return found.some(({ peer }) => peer === self.node.peer);
      },
    },
  };
});

testPeerSource("connected peers", async (t) => {
  const hub = await startMember(t, "hub");
  const leaf = await startMember(t, "leaf", { bootstrap: [hub.address] });
  await eventually("the hub knows the leaf", () => namesKnownTo(hub).length === 1);
  const { node, logLines } = await createMember(t, "asker");
  await node.connect(hub.address);
  const clock = createFakeClock();
  const directory = await openDirectory({
    store: createMemoryStore(),
    clock,
    metrics: createMetrics(),
    self: node.peer,
    report: () => {},
  });
  const { source } = createGossip({
    node,
    clock,
    directory,
    own: () => undefined,
    learnt: () => {},
    failed: (_, error) => assertEquals(error, undefined),
  });
  assertEquals(logLines, []);
  return {
    source,
    peers: [hub.node.peer, leaf.node.peer],
    now: Date.now(),
    breakDown: () => hub.peers.stop(),
  };
});

describe("createSources()", () => {
  const named = async (t: Cleanup, options: Partial<SourceNeeds> & MemberOptions = {}) => {
    const { node } = await createMember(t, "own");
    const needs = {
      role: "server",
      node,
      lists: async () => ({ from: "", addresses: [] }),
      gossip: { name: "peers", find: async () => [] },
      joinLocalNetwork: undefined,
      hasDht: false,
      fetch,
      clock: createFakeClock(),
      ...options,
      config: peersConfig(options),
    } as const;
    return createSources(needs)
      .map(({ name }) => name)
      .join(" ");
  };

  it("has those that need no setting", async (t) => {
    assertEquals(await named(t), "file env peers");
  });

  it("has the others where they are wanted", async (t) => {
    const all = await named(t, {
      hasDht: true,
      features: { publicBootstrap: true, githubRegistry: true },
      github: { repository: "octo/mesh" },
      mesh: { rendezvous: ["http://a", "http://b"] },
    });
    assertEquals(all, "file env public dht rendezvous rendezvous github peers");
    assertEquals(await named(t, { features: { githubRegistry: true } }), "file env peers");
  });

  it("asks the local network only where others can reach it, or it only asks", async (t) => {
    const joinLocalNetwork = async () => ({ leave: async () => {} });
    const mesh = { mdns: true };
    const { node } = await createMember(t, "open");
    const reachable = { ...node, addresses: () => ["/ip4/192.168.1.1/tcp/1"] };

    assertEquals(await named(t, { joinLocalNetwork, mesh }), "file env peers");
    assertEquals(
      await named(t, { joinLocalNetwork, mesh, node: reachable }),
      "file env mdns peers",
    );
    assertEquals(await named(t, { joinLocalNetwork, node: reachable }), "file env peers");
    assertEquals(await named(t, { joinLocalNetwork, mesh, role: "client" }), "file env mdns peers");
  });
});
