import { request as send } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { host } from "#host";
import {
  createHttpApp,
  type HttpApp,
  type HttpAppOptions,
  type Json,
} from "../support/http-app.ts";
import { startIssuer } from "../support/issuer.ts";

/** The surface behind a real socket of this host. */
async function listen(
  t: TestContext,
  options: HttpAppOptions = {},
): Promise<{ app: HttpApp; url: string; port: number }> {
  const app = createHttpApp(options);
  const server = await host.listen(app.fetch, { hostname: "127.0.0.1", port: 0 });
  t.after(async () => {
    app.close();
    await server.close();
  });
  return { app, url: `http://127.0.0.1:${server.port}`, port: server.port };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request with headers that `fetch` would not let a test set; `pieces` are sent chunked. */
function rawRequest(
  port: number,
  path: string,
  headers: Record<string, string>,
  pieces?: readonly string[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = pieces ? "POST" : "GET";
    const outgoing = send({ host: "127.0.0.1", port, path, method, headers }, (incoming) => {
      let body = "";
      incoming.on("data", (chunk) => {
        body += chunk;
      });
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
    });
    outgoing.on("error", reject);
    for (const piece of pieces ?? []) outgoing.write(piece);
    outgoing.end();
  });
}

/** Resolves once `isTrue`; gives up after five seconds. */
async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`It never came to pass that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const JSON_TYPE = { "content-type": "application/json" };

describe(`the HTTP surface on ${host.name}`, () => {
  it("refuses a page that rebinds its own name, on every way in", async (t) => {
    const { port } = await listen(t);
    const verdicts = async (name: string): Promise<number[]> => {
      const get = await rawRequest(port, "/tools", { host: name });
      const post = await rawRequest(port, "/mcp", { host: name, ...JSON_TYPE }, ["{}"]);
      const events = await rawRequest(port, "/health", { host: name });
      return [get.status, post.status, events.status];
    };

    assertEquals(await verdicts(`localhost:${port}`), [200, 200, 200]);
    assertEquals(await verdicts(`[::1]:${port}`), [200, 200, 200]);
    assertEquals(await verdicts(`evil.example:${port}`), [403, 403, 403]);
    assertEquals(await verdicts("127.0.0.1.nip.io"), [403, 403, 403]);
  });

  it("calls tools, and keeps serving after bodies that are too long, declared or chunked", async (t) => {
    const { url, port } = await listen(t, { maxBodyBytes: 1000 });
    const call = (body: string) =>
      fetch(`${url}/tools/add`, { method: "POST", body, headers: JSON_TYPE });

    const declared = await call(JSON.stringify({ a: 1, b: 2, c: "x".repeat(5000) }));
    const pieces = [
      '{"a":1,"c":"',
      ..."x"
        .repeat(40)
        .split("")
        .map((x) => x.repeat(100)),
      '"}',
    ];
    const chunked = await rawRequest(port, "/tools/add", JSON_TYPE, pieces);
    const small = await rawRequest(port, "/tools/add", JSON_TYPE, ['{"a":1,', '"b":2}']);

    assertEquals([declared.status, chunked.status], [413, 413]);
    assertEquals((JSON.parse(chunked.body) as Json).code, "body_too_large");
    assertEquals([small.status, small.body.includes('"sum":3')], [200, true]);
    assertEquals((await call('{"a":2,"b":2}')).status, 200);
  });

  it("streams events as they happen, replays them, and notices that a client has gone", async (t) => {
    const { app, url } = await listen(t);
    const leaving = new AbortController();
    const answer = await fetch(`${url}/events`, { signal: leaving.signal });
    const reader = (answer.body ?? new ReadableStream()).getReader();
    const decoder = new TextDecoder();
    let heard = "";
    const hear = async (what: string): Promise<void> => {
      while (!heard.includes(what)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`The stream ended before ${what}`);
        heard += decoder.decode(value, { stream: true });
      }
    };
    await hear("retry:");

    app.feed.publish({ type: "upstream", upstream: "github", state: "ready" });
    await hear('"state":"ready"');
    leaving.abort();
    await until(() => app.clock.pending === 0, "the server forgot the client");
    app.feed.publish({ type: "upstream", upstream: "github", state: "backoff" });

    const [, lastId = ""] = /^id: (\d+)/m.exec(heard) ?? [];
    const again = await fetch(`${url}/events`, { headers: { "last-event-id": lastId } });
    app.close();
    const missed = await again.text();
    assertStringIncludes(missed, '"state":"backoff"');
    assertEquals(missed.includes('"state":"ready"'), false);
  });

  it("leads a client without a token to one, and lets it in with it", async (t) => {
    const issuer = await startIssuer();
    t.after(() => issuer[Symbol.asyncDispose]());
    const audience = "api://tools";
    const { url, app } = await listen(t, {
      auth: {
        keys: [],
        jwt: { issuer: issuer.url, audience, jwksUri: issuer.jwksUri, algorithms: ["ES256"] },
        anonymous: false,
      },
    });
    const call = (tool: string, token?: string) =>
      fetch(`${url}/tools/${tool}`, {
        method: "POST",
        body: tool === "add" ? '{"a":1,"b":1}' : "{}",
        headers: { ...JSON_TYPE, ...(token && { authorization: `Bearer ${token}` }) },
      });
    const tokenFor = (scope: string) =>
      issuer.sign({
        iss: issuer.url,
        aud: audience,
        sub: "ada",
        scope,
        exp: Math.floor(app.clock.now() / 1000) + 600,
      });

    const unknown = await call("add");
    const challenge = unknown.headers.get("www-authenticate") ?? "";
    const [, metadataUrl = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const metadata = (await (await fetch(metadataUrl)).json()) as Json;

    assertEquals(unknown.status, 401);
    assertEquals(metadataUrl, `${url}/.well-known/oauth-protected-resource/mcp`);
    assertEquals([metadata.resource, metadata.authorization_servers], [`${url}/mcp`, [issuer.url]]);
    assertEquals((await call("add", await tokenFor("mcp:read"))).status, 200);

    const tooLittle = await call("restart", await tokenFor("mcp:read"));
    assertEquals(tooLittle.status, 403);
    assertMatch(
      tooLittle.headers.get("www-authenticate") ?? "",
      /scope="mcp:admin", error="insufficient_scope"/,
    );
    const none = await call("add", await tokenFor("openid"));
    assertMatch(none.headers.get("www-authenticate") ?? "", /scope="mcp:read"/);
    assertEquals((await call("add", "not.a.token")).status, 401);
    await unknown.body?.cancel();

    issuer.status = 500;
    assertEquals((await call("add", await tokenFor("mcp:read"))).status, 200, "the keys are known");
  });

  it("lets the server stop while clients listen to events", async () => {
    const app = createHttpApp();
    const server = await host.listen(app.fetch, { hostname: "127.0.0.1", port: 0 });
    const answer = await fetch(`http://127.0.0.1:${server.port}/events`);
    const reader = (answer.body ?? new ReadableStream()).getReader();
    await reader.read();

    app.close();
    const { done } = await reader.read();
    await server.close();

    assert(done);
    assertEquals(app.clock.pending, 0);
  });
});
