import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { REPOSITORY, startGithubApi, TOKEN } from "../../support/github-api.ts";
import { createMember, eventually, namesKnownTo, startMember } from "../../support/members.ts";

describe("a member of the mesh", () => {
  it("stays in it when its first contact is gone", async (t) => {
    const hub = await startMember(t, "hub");
    const [a, b] = await Promise.all(
      ["a", "b"].map((name) => startMember(t, name, { bootstrap: [hub.address] })),
    );
    assert(a && b);
    await eventually(
      "a and b know each other",
      () => namesKnownTo(a).includes("b") && namesKnownTo(b).includes("a"),
    );
    await a.node.disconnect(b.node.peer);
    await hub.peers.stop();
    await hub.node.stop();

    await eventually("a and b are connected", () => a.node.connections(b.node.peer).length > 0);
  });

  it("finds back after a restart by what it knew", async (t) => {
    const store = createMemoryStore();
    const friend = await startMember(t, "friend");
    const before = await startMember(t, "before", { bootstrap: [friend.address], store });
    await eventually("it knows its friend", () => namesKnownTo(before).includes("friend"));
    await before.peers.stop();
    await before.node.stop();

    const after = await startMember(t, "after", { store });
    await eventually(
      "they are connected",
      () => after.node.connections(friend.node.peer).length > 0,
    );
  });

  it("waits for a first contact that is not there yet", async (t) => {
    const { address, peers } = await createMember(t, "late");
    const early = await startMember(t, "early", { bootstrap: ["/memory/nobody", address] });
    await eventually("it has tried", () =>
      early.logLines.some((line) => line.includes("/memory/nobody")),
    );
    await peers.start();

    await eventually("it is connected", () => early.node.connections().length > 0);
  });

  it("says of a registry that takes no record why, once", async (t) => {
    const a = await startMember(t, "a", {
      features: { githubRegistry: true },
      github: { repository: REPOSITORY, apiUrl: "http://127.0.0.1:9" },
    });
    const told = (): number => a.logLines.filter((line) => line.includes("GITHUB_TOKEN")).length;
    await eventually("it says so", () => told() === 1);
    await a.peers.register({ ttlMs: 60_000, signal: new AbortController().signal });

    assertEquals(told(), 1);
  });

  it("is in a registry while it runs, and gone from it after", async (t) => {
    const github = await startGithubApi(t);
    const options = {
      features: { githubRegistry: true },
      github: { repository: REPOSITORY, registry: "peers", apiUrl: github.url, token: TOKEN },
    };
    const comments = (): number => [...github.comments.values()].flat().length;
    const a = await startMember(t, "a", options);
    await eventually("a is registered", () => comments() === 1);
    const b = await startMember(t, "b", options);
    await eventually(
      "they found each other there",
      () => b.node.connections(a.node.peer).length > 0,
    );
    await eventually("b is registered", () => comments() === 2);
    const sources = [a, b].flatMap(({ peers }) => peers.known()).map(({ source }) => source);
    assert(sources.includes("github"), sources.join());

    await b.peers.stop();
    assertEquals(comments(), 1);
    await a.peers.stop();
    assertEquals(comments(), 0);
  });

  it("stops although a registry does not answer, and says so", async (t) => {
    const github = await startGithubApi(t);
    const a = await startMember(t, "a", {
      features: { githubRegistry: true },
      github: { repository: REPOSITORY, registry: "peers", apiUrl: github.url, token: TOKEN },
    });
    await eventually(
      "a is registered",
      () => github.comments.size === 1 && [...github.comments.values()].flat().length === 1,
    );
    github.refusals.push({ status: 200, body: [], afterMs: 60_000 });
    await a.peers.stop();

    assert(
      a.logLines.some((line) => line.includes('The source \\"github\\" was not left')),
      a.logLines.join(),
    );
  });

  it("tells where it is when that changes", async (t) => {
    const hub = await startMember(t, "hub");
    const leaf = await startMember(t, "leaf", { bootstrap: [hub.address] });
    await eventually("the hub knows the leaf", () => namesKnownTo(hub).includes("leaf"));

    await leaf.peers.register({
      addresses: ["/dns4/leaf.example/tcp/443/wss"],
      ttlMs: 60_000,
      signal: new AbortController().signal,
    });

    await eventually("the hub knows the new address", () =>
      hub.peers
        .known()
        .some(
          ({ addresses }) =>
            addresses[0] === `/dns4/leaf.example/tcp/443/wss/p2p/${leaf.node.peer}`,
        ),
    );
  });

  it("leaves no work behind", async (t) => {
    const hub = await startMember(t, "hub");
    const leaf = await startMember(t, "leaf", { bootstrap: [hub.address] });
    await eventually("they met", () => namesKnownTo(hub).includes("leaf"));
    await leaf.peers.stop();
    await leaf.peers.stop();
    const lines = leaf.logLines.length;
    await hub.peers.register({ ttlMs: 60_000, signal: new AbortController().signal });
    await hub.node.ping(leaf.node.peer);

    assertEquals(leaf.logLines.slice(lines), []);
    assertEquals(
      leaf.logLines.filter((line) => line.includes('"error"') && line.includes("looked after")),
      [],
    );
  });
});
