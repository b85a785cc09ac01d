import { describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pathOf } from "../../../src/server/http.ts";
import { askApp, BASE, type Json } from "../../support/http-app.ts";
import { createKeys } from "../../support/keys.ts";
import { parsePrometheus } from "../../support/prometheus-parser.ts";

describe("pathOf()", () => {
  it("gives the path of an absolute URL as the URL class does", () => {
    for (const url of [
      "http://localhost",
      "http://localhost/",
      "http://localhost:8000/mcp?x=/y",
      "https://[::1]:8000/a/b/#c?d",
      "http://localhost/?q",
    ]) {
      assertEquals(pathOf(url), new URL(url).pathname, url);
    }
  });
});

describe("GET /", () => {
  it("tells programs in JSON and people in HTML where to point a client", async () => {
    const { ask, json } = askApp();

    const facts = await json(ask("/"));
    const page = await ask("/", { headers: { accept: "text/html,*/*" } });

    assertEquals([facts.mcp, facts.toolCount, facts.categoryCount], [`${BASE}/mcp`, 4, 1]);
    assertStringIncludes(await page.text(), `<code>${BASE}/mcp</code>`);
    assertStringIncludes(page.headers.get("content-security-policy") ?? "", "default-src 'none'");
  });
});

describe("/mcp", () => {
  it("gets the request with its view, its caller and its body", async () => {
    const { post, json } = askApp();
    const asked = (path: string) => json(post(path, { id: 1 }));

    assertEquals(await asked("/mcp"), { view: "meta", caller: "anonymous", value: { id: 1 } });
    assertEquals((await asked("/mcp/flat?x=1")).view, "flat");
    assertEquals((await asked("/mcp/hybrid")).view, "hybrid");
    assertEquals((await asked("/mcp/falt")).data, { path: "/mcp/falt", nearest: ["/mcp/flat"] });
  });

  it("refuses bodies in JSON-RPC's words", async () => {
    const { post } = askApp({ maxBodyBytes: 100 });
    const refused = async (body: string, type: string): Promise<unknown[]> => {
      const answer = await post("/mcp", body, { "content-type": type });
      const { id, error } = (await answer.json()) as {
        id: null;
        error: { code: number; data: Json };
      };
      return [answer.status, id, error.code, error.data.code];
    };

    assertEquals(await refused("{", "application/json"), [400, null, -32700, "invalid_input"]);
    assertEquals(await refused("{}", "text/plain"), [415, null, -32600, "unsupported_media_type"]);
    assertEquals(await refused(`"${"x".repeat(100)}"`, "application/json"), [
      413,
      null,
      -32600,
      "body_too_large",
    ]);
    assertEquals(await refused("[".repeat(90), "application/json"), [
      400,
      null,
      -32700,
      "invalid_input",
    ]);
  });
});

describe("/tools", () => {
  it("lists by category, query, limit and cursor", async () => {
    const { ask, json } = askApp();
    const names = ({ tools }: Json) => (tools as { name: string }[]).map(({ name }) => name);

    const first = await json(ask("/tools?category=demo&limit=2"));
    const second = await json(ask(`/tools?category=demo&limit=2&cursor=${first.nextCursor}`));

    assertEquals(names(first), ["add", "wipe"]);
    assertEquals(names(second), ["restart", "fail"]);
    assertEquals(second.nextCursor, undefined);
    assertEquals(names(await json(ask("/tools?query=sum%20of%20two%20numbers")))[0], "add");
  });

  it("refuses parameters that it does not know, and names the nearest", async () => {
    const { ask } = askApp();
    for (const query of ["limt=1", "limit=many", "limit=0", "limit=1&limit=2", "category=demmo"]) {
      const answer = await ask(`/tools?${query}`);
      assert([400, 404].includes(answer.status), query);
    }
    assertStringIncludes(await (await ask("/tools?limt=1")).text(), "did you mean limit");
  });

  it("describes a tool in full", async () => {
    const { ask, json } = askApp();

    const { name, inputSchema, outputSchema, example } = await json(ask("/tools/add"));

    assertEquals([name, (inputSchema as Json).required], ["add", ["a", "b"]]);
    assert(outputSchema && example);
  });

  it("calls a tool, and answers with its result", async () => {
    const { post } = askApp();

    const answer = await post("/tools/add", { a: 2, b: 3 });

    assertEquals(answer.status, 200);
    assertEquals(await answer.json(), {
      content: [{ type: "text", text: '{"sum":5}' }],
      structuredContent: { sum: 5 },
    });
    assertEquals(answer.headers.get("cache-control"), "no-store");
  });

  it("gives every failure the status, code and sentence that fit it", async () => {
    const { post, app } = askApp({ maxBodyBytes: 60 });
    const cases = [
      ["/tools/add", { a: "2", b: 3 }, 400, "invalid_input"],
      ["/tools/add", "{", 400, "invalid_input"],
      ["/tools/add", { a: 1, b: 2, padding: "x".repeat(60) }, 413, "body_too_large"],
      ["/tools/ad", {}, 404, "unknown_tool"],
      ["/tools/restart", {}, 403, "capability_missing"],
      ["/tools/fail", { how: "result" }, 422, "tool_failed"],
      ["/tools/fail", { how: "ask" }, 422, "tool_failed"],
      ["/tools/fail", { how: "busy" }, 429, "rate_limited"],
      ["/tools/fail", { how: "bug" }, 500, "internal"],
    ] as const;
    for (const [path, body, status, code] of cases) {
      const answer = await post(path, body);
      const report = (await answer.json()) as Json;
      assertEquals([answer.status, report.code], [status, code], `${path} ${JSON.stringify(body)}`);
      assertEquals(typeof report.message, "string");
    }
    assertEquals((await post("/tools/fail", { how: "busy" })).headers.get("retry-after"), "3");
    assertStringIncludes(await (await post("/tools/fail", { how: "result" })).text(), "disk full");
    assertEquals(app.logLines.length, 1);
    assertEquals(app.logLines[0]?.includes("abcdefghijkl"), false);
  });

  it("takes JSON only", async () => {
    const { post } = askApp();

    const answer = await post("/tools/add", { a: 1, b: 2 }, { "content-type": "text/plain" });

    assertEquals(
      [answer.status, ((await answer.json()) as Json).code],
      [415, "unsupported_media_type"],
    );
  });
});

describe("GET /openapi.json", () => {
  it("is a valid document of what the caller may see", async () => {
    const { auth, as } = createKeys({ reader: {}, elsewhere: { categories: ["other"] } });
    const { ask } = askApp({ auth });
    const paths = async (id: string): Promise<string[]> => {
      const document = (await (await ask("/openapi.json", { headers: as(id) })).json()) as Json;
      const { valid, errors } = await new Validator().validate(structuredClone(document));
      assert(valid, JSON.stringify(errors));
      return Object.keys(document.paths as Json);
    };

    assertEquals(await paths("reader"), ["/tools", "/tools/add", "/tools/restart", "/tools/fail"]);
    assertEquals(await paths("elsewhere"), ["/tools"]);
    assertEquals(await paths("reader"), ["/tools", "/tools/add", "/tools/restart", "/tools/fail"]);
  });

  it("follows the set of tools", async () => {
    const { app, ask, json } = askApp();
    const count = async () => Object.keys((await json(ask("/openapi.json"))).paths as Json).length;
    assertEquals(await count(), 5);

    app.registry.remove("demo");

    assertEquals(await count(), 1);
  });
});

describe("operations", () => {
  it("answers /health always, and /ready when every check passes", async () => {
    const { app, ask } = askApp();
    const statuses = async () => [(await ask("/health")).status, (await ask("/ready")).status];
    assertEquals(await statuses(), [200, 200]);

    app.checks.push({ name: "store", healthy: false, detail: "disk full" });

    assertEquals(await statuses(), [200, 503]);
    assertStringIncludes(await (await ask("/ready")).text(), "store: disk full");
  });

  it("keeps the reasons from callers without a name where names are asked for", async () => {
    const { app, ask } = askApp(createKeys({ ci: {} }));
    app.checks.push({ name: "store", healthy: false, detail: "/srv/data is full" });

    const text = await (await ask("/ready")).text();

    assertStringIncludes(text, "store");
    assertEquals(text.includes("/srv/data"), false);
  });

  it("shows metrics as Prometheus reads them, the requests among them", async () => {
    const { ask, post } = askApp();
    await post("/tools/add", { a: 1, b: 1 });
    await post("/tools/add", { a: 1 });
    await ask("/nowhere");

    const answer = await ask("/metrics");

    assertMatch(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const requests = parsePrometheus(await answer.text()).get("mcpp_http_requests_total");
    assertEquals(
      requests?.samples.map(({ labels, value }) => [labels.route, labels.status, value]),
      [
        ["/tools/:name", "200", 1],
        ["/tools/:name", "400", 1],
        ["(none)", "404", 1],
      ],
    );
  });

  it("streams events until it is closed", async () => {
    const { app, ask } = askApp();
    app.feed.publish({ type: "upstream", upstream: "github", state: "backoff" });
    const answer = await ask("/events", { headers: { "last-event-id": "0" } });
    app.feed.publish({ type: "upstream", upstream: "github", state: "ready" });

    app.close();

    const text = await answer.text();
    assertEquals(
      [...text.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state),
      ["backoff", "ready"],
    );
    const head = await ask("/events", { method: "HEAD" });
    assertEquals([head.status, head.body], [200, null]);
    assertEquals(app.clock.pending, 0);
  });
});
