/** Calls between apps: tools come and go, rights hold, and what fails says so. @module */

import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as v from "valibot";
import {
  AuthError,
  DeadlineError,
  InputError,
  MeshError,
  UnavailableError,
} from "../../src/errors.ts";
import { localCaller } from "../../src/registry/caller.ts";
import { defineTool } from "../../src/registry/definition.ts";
import { categoryOf, grownCategory } from "../support/fixtures.ts";
import { type Cleanup, openHarness } from "../support/harness.ts";
import { createKeys } from "../support/keys.ts";
import { eventually } from "../support/members.ts";
import { type MeshApp, openMeshApp, openPair, peersSeen } from "../support/mesh-app.ts";
import { modernMessage, post, rpcAnswer } from "../support/messages.ts";

const sum = async (app: MeshApp, category?: string): Promise<unknown> =>
  (await app.call("add", { a: 1, b: 2 }, category)).structuredContent;

/** A tool that only this app has, and that says whose it is. */
const whoami = (name: string, more: object = {}) =>
  categoryOf("identity", [
    defineTool({
      name: "whoami",
      description: "Say who runs this",
      input: v.object({}),
      annotations: { readOnlyHint: true, ...more },
      run: () => ({ name }),
    }),
  ]);

const names = async ({ app }: MeshApp, category: string): Promise<readonly string[]> =>
  (await app.registry.list(localCaller, category)).map(({ tool }) => tool.name);

for (const transport of ["memory", "tcp"] as const) {
  describe(`two apps over ${transport}`, () => {
    it("call each other's tools, by name, id and address", async (t) => {
      const [here, there] = await openPair(t, { transport }, { transport });
      assertEquals(await sum(here, "peer:there"), { sum: 3 });
      assertEquals(await sum(here, `peer:${there.peer}`), { sum: 3 });
      assertEquals(await sum(here, `peer:${there.address}`), { sum: 3 });
      await peersSeen(there, 1);
      assertEquals(await sum(there, "peer:here"), { sum: 3 });
      const error = await assertRejects(
        () => sum(here, "peer:nobody"),
        InputError,
        "connected are there",
      );
      assertEquals(error.code, "not_found");
    });

    it("carry 8 MiB, progress and cancellation", async (t) => {
      const [here, there] = await openPair(t, { transport }, { transport });
      const value = "x".repeat(8 * 1024 * 1024);
      const { content } = await here.call("echo", { value }, "peer:there");
      assertEquals(content[0]?.text === value, true);

      const steps: unknown[] = [];
      await here.app.call({
        ...{ tool: "count", input: { to: 3 }, caller: localCaller, category: "peer:there" },
        events: { progress: (...step) => steps.push(step), log() {} },
      });
      assertEquals(
        steps,
        [1, 2, 3].map((at) => [at, 3, `step ${at}`]),
      );

      const controller = new AbortController();
      const waiting = here.app.call({
        ...{ tool: "wait", input: { key: "k" }, caller: localCaller, category: "peer:there" },
        signal: () => controller.signal,
      });
      await there.fixtures.moments.wait("started:k");
      controller.abort(new DeadlineError("cancelled", "never mind"));
      await assertRejects(() => waiting, DeadlineError, "never mind");
      await there.fixtures.moments.wait("cancelled:k");
    });
  });
}

describe("tools of peers", () => {
  it("appear with the peer and vanish with it, which MCP clients hear", async (t) => {
    const here = await openMeshApp(t, { name: "here" });
    const subscription = modernMessage({
      jsonrpc: "2.0",
      id: 1,
      method: "subscriptions/listen",
      params: { notifications: { toolsListChanged: true } },
    });
    const response = await here.app.fetch(post(subscription, {}, "/mcp/flat"));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    const changed = async (): Promise<void> => {
      const before = told.split("tools/list_changed").length;
      while (told.split("tools/list_changed").length === before) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error(`The subscription ended after ${told}`);
        told += value;
      }
    };

    const there = await openMeshApp(t, { name: "there" });
    const appeared = changed();
    await here.connect(there);
    await appeared;
    assert((await names(here, "peer:there")).includes("add"));

    const vanished = changed();
    await there.app.stop();
    await vanished;
    assertEquals(await peersSeen(here, 0), []);
    await reader?.cancel();
  });

  it("of one name are told apart, and a named peer is the one that is asked", async (t) => {
    const here = await openMeshApp(t);
    const first = await openMeshApp(t, { name: "twin", categories: [whoami("first")] });
    const second = await openMeshApp(t, { name: "twin", categories: [whoami("second")] });
    await here.connect(first);
    await here.connect(second);

    const categories = await peersSeen(here, 2);
    assertEquals(categories, ["peer:twin", `peer:twin-${second.peer.slice(-6)}`]);
    const answers = await Promise.all(categories.map((one) => here.call("whoami", {}, one)));
    assertEquals(
      answers.map(({ structuredContent }) => structuredContent),
      [{ name: "first" }, { name: "second" }],
    );
  });

  it("are listed anew when the peer has others", async (t) => {
    const [here, there] = await openPair(t);
    assert(!(await names(here, "peer:there")).includes("new_tool"));
    there.app.registry.put(grownCategory);
    await eventually("the new tool is listed", () =>
      (here.app.registry.category("peer:there")?.toolNames ?? []).includes("new_tool"),
    );
    assertEquals((await here.call("new_tool", {}, "peer:there")).content[0]?.text, "new");
  });

  it("pass no further than one peer", async (t) => {
    const [here, there] = await openPair(t);
    const third = await openMeshApp(t, { name: "third", categories: [whoami("third")] });
    await there.connect(third);
    await peersSeen(there, 2);
    await assertRejects(() => here.call("whoami", {}, "peer:there"), InputError);
  });

  it("ask the one who called, through the mesh", async (t) => {
    const [here] = await openPair(t);
    const call = async (more: object): Promise<Record<string, unknown>> => {
      const params = {
        name: "dispatch",
        arguments: { tool: "greet", peer: "there", params: {} },
        ...more,
      };
      const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
      const asked = modernMessage(message, { elicitation: { form: {} } });
      return (await rpcAnswer(await here.app.fetch(post(asked)))).result as Record<string, unknown>;
    };
    const first = await call({});
    assertEquals(first.resultType, "input_required");
    assert("who" in (first.inputRequests as object));

    const who = { action: "accept", content: { name: "Ada" } };
    const second = await call({ inputResponses: { who }, requestState: first.requestState });
    assertMatch(JSON.stringify(second), /Hello Ada, kept for you/);
  });
});

describe("rights of peers", () => {
  it("hide what does more than read, and say which rule is missing", async (t) => {
    const [here, there] = await openPair(t);
    assert(!(await names(here, "peer:there")).includes("wipe"));
    const error = await assertRejects(() => here.call("wipe", {}, "peer:there"), AuthError);
    assertEquals(error.code, "capability_missing");
    assertEquals(error.data.rule, { peer: here.peer, tools: ["wipe"] });
    assertMatch(error.message, /mesh\.allow/);

    const admin = await assertRejects(() => here.call("restart", {}, "peer:there"), AuthError);
    assertEquals(admin.data.rule, { peer: here.peer, abilities: ["admin"] });
    assertEquals(there.fixtures.watched, []);
  });

  it("change with a reload, also on a stream that is open", async (t) => {
    const [here, there] = await openPair(t);
    assertEquals(await sum(here, "peer:there"), { sum: 3 });
    await assertRejects(() => here.call("wipe", {}, "peer:there"), AuthError);

    await there.reload({ mesh: { allow: [{ peer: here.peer, tools: ["wi*"] }] } });
    assertEquals((await here.call("wipe", {}, "peer:there")).content[0]?.text, "gone");
    await there.reload({});
    await assertRejects(() => here.call("wipe", {}, "peer:there"), AuthError);
    const { peers } = here.peers.metrics({ windowMs: 60_000 });
    assertEquals(peers[0]?.dials, 1);
  });

  it("are those of a stranger: none where strangers are kept out", async (t) => {
    const { keys } = createKeys({ me: { access: "destructive" } }).auth;
    const there = await openMeshApp(t, { name: "there", config: { auth: { keys } } });
    const here = await openMeshApp(t, { name: "here" });
    await here.connect(there);
    assertEquals(await names(here, "peer:there"), []);
    const error = await assertRejects(
      () => sum(here, "peer:there"),
      AuthError,
      "keeps strangers out",
    );
    assertEquals(error.data.peer, there.peer);
  });
});

describe("a tool that several peers have", () => {
  it("runs at the same one again and again, and at another when that one dies", async (t) => {
    const here = await openMeshApp(t);
    const peers = new Map<string, MeshApp>();
    for (const name of ["a", "b", "c"]) {
      const peer = await openMeshApp(t, { name, categories: [whoami(name)] });
      peers.set(name, peer);
      await here.connect(peer);
    }
    await peersSeen(here, 3);
    const ask = async (): Promise<string> =>
      ((await here.call("whoami")).structuredContent as { name: string }).name;

    const first = await ask();
    for (let at = 0; at < 10; at += 1) assertEquals(await ask(), first);
    await peers.get(first)?.app.stop();
    const second = await ask();
    assert(second !== first);
    await peers.get(second)?.app.stop();
    const third = await ask();
    assert(![first, second].includes(third));
    await peers.get(third)?.app.stop();
    await peersSeen(here, 0);
    await assertRejects(ask, InputError);
  });
});

/** Have a TCP port of this machine, unless somebody else has it already. */
async function takePort(t: Cleanup, port: number): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.once("error", () => resolve());
  server.listen(port, "127.0.0.1", () => resolve());
  await promise;
  t.after(async () => void server.close());
  return (server.address() as AddressInfo | null)?.port ?? port;
}

describe("an app whose mesh does not work", () => {
  it("works by itself where it is off, and says what to do", async (t) => {
    const { app } = await openHarness(t, { config: { features: { mesh: false } } });

    const call = { tool: "add", input: { a: 1, b: 2 }, caller: localCaller };
    assertEquals((await app.call(call)).structuredContent, { sum: 3 });
    assertEquals(app.mesh.status().state, "off");
    const error = await assertRejects(
      () => app.call({ ...call, category: "peer:there" }),
      UnavailableError,
      "features.mesh is off: set it to true",
    );
    assertEquals(error.code, "runtime_unavailable");
  });

  it("takes another port where the default one is taken, and says so", async (t) => {
    await takePort(t, 4001);
    const there = await openMeshApp(t, {
      transport: "tcp",
      config: { mesh: { tcpPort: undefined } },
    });
    const here = await openMeshApp(t, { transport: "tcp" });
    await here.connect(there);

    assertEquals(there.app.config.mesh.tcpPort, 4001);
    assert(!there.address.includes("/tcp/4001/"), there.address);
    const said = there.logLines.filter((line) => line.includes("the default port 4001 is taken"));
    assertEquals(said.length, 1);
  });

  it("stays out of the mesh where a port that somebody chose is taken, and works by itself", async (t) => {
    const port = await takePort(t, 0);
    const error = await assertRejects(() =>
      openMeshApp(t, { transport: "tcp", config: { mesh: { tcpPort: port } } }),
    );
    assertMatch(error.message, new RegExp(`TCP port ${port} .* is already in use`));
  });

  it("fails the calls of a peer that stops, and the next ones at once", async (t) => {
    const [here, there] = await openPair(t);
    const waiting = here.call("wait", { key: "k" }, "peer:there");
    waiting.catch(() => undefined);
    await there.fixtures.moments.wait("started:k");
    await there.app.stop();
    const error = await assertRejects(() => waiting, MeshError);
    assert(
      ["peer_unreachable", "cancelled"].includes(error.code),
      `${error.code}: ${error.message}`,
    );
    await assertRejects(() => sum(here, `peer:${there.peer}`), UnavailableError);
  });
});
