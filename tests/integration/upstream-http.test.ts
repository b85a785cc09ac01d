import { describe, it } from "node:test";
import { assert, assertEquals, assertExists, assertMatch, assertRejects } from "@std/assert";
import { InputError } from "../../src/errors.ts";
import {
  listen,
  listenLegacy,
  listenModern,
  type TestHttpServer,
} from "../support/upstreams/http-server.ts";
import { address, hurriedClock, mount, program, textOf } from "../support/upstreams/mounted.ts";

const eras: readonly (readonly [string, () => Promise<TestHttpServer>])[] = [
  ["legacy", listenLegacy],
  ["modern", listenModern],
];

describe("a mounted HTTP server", () => {
  for (const [era, open] of eras) {
    it(`of the ${era} era runs its tools with the headers it was given`, async (t) => {
      const server = await open();
      t.after(() => server.close());
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax.
      const headers = { Authorization: "Bearer ${TOKEN}" };
      const environment = { TOKEN: "secret" };

      const { call, status } = await mount(
        t,
        { remote: address(server.url, { headers }) },
        { environment },
      );

      assertEquals((await call("add", { a: 2, b: 3 })).structuredContent, { sum: 5 });
      assertEquals(status("remote").era, era);
      const seen = server.requests.map((request) => request.get("authorization"));
      assertEquals([...new Set(seen)], ["Bearer secret"]);
    });

    it(`of the ${era} era hears that its caller gave up`, async (t) => {
      const server = await open();
      t.after(() => server.close());
      const { call } = await mount(t, { remote: address(server.url) });
      const before = Number(textOf(await call("cancelled")));
      const controller = new AbortController();
      const sent = server.requests.length;

      const waiting = call("wait", {}, { signal: controller.signal });
      while (server.requests.length === sent) await call("add", { a: 1, b: 1 });
      controller.abort(new Error("enough"));

      await assertRejects(() => waiting, Error, "enough");
      while (Number(textOf(await call("cancelled"))) === before) assert(!t.signal.aborted);
    });

    it(`of the ${era} era puts a question to the caller`, async (t) => {
      const server = await open();
      t.after(() => server.close());
      const { call } = await mount(t, { remote: address(server.url) });
      const client = { elicitation: {} };

      const asked = await call("greet", {}, { client });
      const [key] = Object.keys(asked.inputRequests ?? {});
      assertExists(key);
      const done = await call(
        "greet",
        {},
        {
          client,
          requestState: asked.requestState,
          inputResponses: { [key]: { action: "accept", content: { name: "Ada" } } },
        },
      );

      assertMatch(textOf(done), /^Hello Ada/);
    });

    it(`of the ${era} era shows a tool that it got while running`, async (t) => {
      const server = await open();
      t.after(() => server.close());
      const { call, names, until } = await mount(t, { remote: address(server.url) });

      await call("grow");
      await until(async () => (await names()).includes("grown"));

      assertEquals(textOf(await call("grown")), "grown");
    });
  }

  it("gets parameters as headers where its schema says so", async (t) => {
    const server = await listenModern();
    t.after(() => server.close());
    const { call } = await mount(t, { remote: address(server.url) });

    assertEquals(textOf(await call("regional", { region: "eu-west" })), "eu-west");
    assertEquals(server.requests.at(-1)?.get("mcp-param-region"), "eu-west");
    assertEquals(textOf(await call("regional", { region: "Zürich" })), "Zürich");
  });

  it("that forgot its sessions is connected again", async (t) => {
    const server = await listenLegacy();
    t.after(() => server.close());
    const needs = { clock: hurriedClock };
    const options = { startTimeoutMs: 400_000, needs };
    const { call, status } = await mount(t, { remote: address(server.url) }, options);

    server.forget();

    assertEquals(textOf(await call("add", { a: 1, b: 1 })), "2");
    assertEquals(status("remote").restarts, 1);
  });

  it("that is not there is named, and harms nobody", async (t) => {
    const gone = await listenModern();
    await gone.close();

    const { call, status } = await mount(t, {
      gone: address(gone.url),
      here: program("legacy-stdio"),
    });

    assertMatch(status("gone").error ?? "", /"gone" at http:\/\/127\.0\.0\.1:\d+ cannot be used/);
    assertEquals(textOf(await call("add", { a: 1, b: 1 })), "2");
  });

  it("that wants a token says where to put it", async (t) => {
    const server = await listen(() => new Response("no", { status: 401 }));
    t.after(() => server.close());

    const { status } = await mount(t, { remote: address(server.url) });

    assertMatch(status("remote").error ?? "", /401.*set its token in headers/);
  });

  it("may not lead us to another place", async (t) => {
    const inner = await listenModern();
    t.after(() => inner.close());
    const target = inner.url.replace("127.0.0.1", "localhost");
    const server = await listen(() => Response.redirect(target, 307));
    t.after(() => server.close());

    const { status } = await mount(t, { remote: address(server.url) });

    assertEquals(status("remote").tools, 0);
    assertEquals(inner.requests.length, 0);
  });

  it("may not have an address inside of our network", async (t) => {
    const resolveAddresses = async (name: string): Promise<string[]> =>
      name === "inside.example" ? ["10.0.0.7"] : ["127.0.0.1"];
    const host = { environment: () => ({}), workingFolder: "/", resolveAddresses };

    const { status, call } = await mount(
      t,
      {
        inside: address("https://inside.example/mcp"),
        rebound: address("https://rebound.example/mcp"),
        metadata: address("http://169.254.169.254/latest", { allowPrivateNetwork: true }),
      },
      { needs: { host } },
    );

    assertMatch(status("inside").error ?? "", /its address is private; allowPrivateNetwork/);
    assertMatch(status("rebound").error ?? "", /its address is private/);
    assertMatch(status("metadata").error ?? "", /credentials/);
    await assertRejects(() => call("anything"), InputError);
  });

  it("cannot send more than allowed", async (t) => {
    const server = await listenLegacy();
    t.after(() => server.close());
    const { call } = await mount(t, { remote: address(server.url) }, { maxResultBytes: 100_000 });

    await assertRejects(() => call("repeat", { text: "0123456789", times: 20_000 }));
    assertEquals(textOf(await call("repeat", { text: "ab", times: 2 })), "abab");
  });
});
