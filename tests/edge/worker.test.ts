/** The whole server in a real workerd: both eras, both SDKs, REST, operations, refusals. */

import { after, before, describe, it, type TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createKeys } from "../support/keys.ts";
import { buildEdge, startWorker, type Worker } from "../support/worker.ts";

const ERAS = {
  modern: { mode: { pin: "2026-07-28" } },
  legacy: { mode: "legacy" },
} as const;

const info = { name: "test", version: "1.0.0" };

async function connect(t: TestContext, { url }: Worker, era: keyof typeof ERAS): Promise<Client> {
  const client = new Client(info, { versionNegotiation: ERAS[era] });
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url)));
  t.after(() => client.close());
  return client;
}

const post = ({ url }: Worker, path: string, body: string): Promise<Response> =>
  fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

describe("the server in workerd", () => {
  const cleanups: (() => Promise<void>)[] = [];
  const suite = { after: (clean: () => Promise<void>) => void cleanups.unshift(clean) };
  let script: string;
  let worker: Worker;
  before(async () => {
    script = await buildEdge(suite);
    worker = await startWorker(suite, script, {
      MCPP_LISTEN_INSECURE: "true",
      MCPP_LISTEN_MAX_BODY_BYTES: "16384",
    });
  });
  after(async () => {
    for (const clean of cleanups) await clean();
  });

  for (const era of ["modern", "legacy"] as const) {
    it(`lists, finds and dispatches for a v2 client of the ${era} era`, async (t) => {
      const client = await connect(t, worker, era);

      const { tools } = await client.listTools();
      const listed = await client.callTool({ name: "list_categories", arguments: {} });
      const found = await client.callTool({
        name: "list_tools",
        arguments: { query: "store a value for later" },
      });
      const params = { key: `from-${era}`, value: { n: 1 } };
      await client.callTool({ name: "dispatch", arguments: { tool: "cache_set", params } });
      const read = await client.callTool({
        name: "dispatch",
        arguments: { tool: "cache_get", params: { key: params.key } },
      });

      assertEquals(tools.map(({ name }) => name).toSorted(), [
        "dispatch",
        "get_schema",
        "list_categories",
        "list_tools",
      ]);
      const { categories } = listed.structuredContent as {
        categories: { name: string; available: boolean }[];
      };
      const byName = new Map(categories.map(({ name, available }) => [name, available]));
      assertEquals(byName.get("cache"), true);
      assertEquals(byName.get("monitoring"), true);
      assertEquals(byName.get("dataset"), false);
      assertEquals(byName.get("p2p_taskqueue"), false);
      const first = (found.structuredContent as { tools: { name: string }[] }).tools[0];
      assertEquals(first?.name, "cache_set");
      assertEquals((read.structuredContent as { value: unknown }).value, { n: 1 });
    });
  }

  it("serves the v1 client", async (t) => {
    const client = new ClientV1(info);
    // The v1 types know nothing of exactOptionalPropertyTypes.
    await client.connect(new HttpV1(new URL("/mcp", worker.url)) as never);
    t.after(() => client.close());

    const health = await client.callTool({
      name: "dispatch",
      arguments: { tool: "monitoring_health", params: {} },
    });

    assertEquals((health.structuredContent as { host: string }).host, "edge");
    assertEquals((health.structuredContent as { healthy: boolean }).healthy, true);
  });

  it("keeps answering clients that come at the same time, each in a session of its own", async (t) => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, at) => connect(t, worker, at % 2 ? "modern" : "legacy")),
    );

    const answers = await Promise.all(
      clients.map((client) =>
        client.callTool({
          name: "dispatch",
          arguments: { tool: "monitoring_runtimes", params: {} },
        }),
      ),
    );

    assertEquals(answers.filter(({ isError }) => isError !== true).length, 8);
  });

  it("says why tools of files and of the mesh do not run here", async (t) => {
    const client = await connect(t, worker, "modern");

    for (const tool of ["dataset_load", "p2p_peer_list", "p2p_taskqueue_submit"]) {
      const answer = await post(worker, `/tools/${tool}`, "{}");
      const body = await answer.json();
      assertEquals([answer.status, body.code], [503, "runtime_unavailable"], tool);
      const refused = await client.callTool({
        name: "dispatch",
        arguments: { tool, params: {} },
      });
      assertEquals(refused.isError, true, tool);
    }
  });

  it("serves REST and operations", async () => {
    const stored = await post(worker, "/tools/cache_set", '{"key":"rest","value":[1]}');
    const health = await fetch(new URL("/health", worker.url));
    const ready = await fetch(new URL("/ready", worker.url));
    const metrics = await (await fetch(new URL("/metrics", worker.url))).text();
    const openapi = await (await fetch(new URL("/openapi.json", worker.url))).json();

    assertEquals(stored.status, 200);
    assertEquals((await stored.json()).structuredContent.key, "rest");
    assertEquals([health.status, (await health.json()).status], [200, "ok"]);
    assertEquals(ready.status, 200);
    assertStringIncludes(metrics, "mcpp_tool_calls_total");
    assert("/tools/cache_set" in openapi.paths);
  });

  it("refuses what is not there, too large, or from a foreign page", async () => {
    const missing = await fetch(new URL("/nope", worker.url));
    const large = await post(worker, "/mcp", `"${"x".repeat(16_384)}"`);
    const foreign = await fetch(new URL("/tools", worker.url), {
      headers: { origin: "https://evil.example" },
    });

    assertEquals([missing.status, (await missing.json()).code], [404, "not_found"]);
    assertEquals(large.status, 413);
    assertEquals([foreign.status, (await foreign.json()).code], [403, "forbidden_origin"]);
  });

  it("writes the audit of a call although the request is over", async () => {
    await post(worker, "/tools/cache_stats", "{}");
    // A second request comes after the line of the first one was written.
    await post(worker, "/tools/cache_stats", "{}");

    const lines = worker.log().split("\n");
    assert(lines.some((line) => line.includes('"audit"') && line.includes("cache_stats")));
  });

  it("does not start for everybody unless that is said, and tells the log why", async (t) => {
    const open = await startWorker({ after: (clean) => t.after(clean) }, script, {});

    const answer = await fetch(new URL("/tools", open.url));

    assertEquals(answer.status, 500);
    assertEquals((await answer.json()).code, "invalid_config");
    assertStringIncludes(open.log(), "auth.keys");
  });

  it("lets in who has a key, and answers all that come while it begins", async (t) => {
    const { auth, as } = createKeys({ ci: {} });
    const closed = await startWorker({ after: (clean) => t.after(clean) }, script, {
      MCPP_AUTH_KEYS: JSON.stringify(auth.keys),
    });

    // An isolate begins its work with the first request, and that is seldom alone.
    const first = Array.from({ length: 6 }, () => fetch(new URL("/health", closed.url)));
    const statuses = (await Promise.all(first)).map(({ status }) => status);
    const without = await fetch(new URL("/tools", closed.url));
    const within = await fetch(new URL("/tools", closed.url), { headers: as("ci") });
    const client = new Client(info, { versionNegotiation: ERAS.modern });
    await assertRejects(() =>
      client.connect(new StreamableHTTPClientTransport(new URL("/mcp", closed.url))),
    );

    assertEquals(new Set(statuses), new Set([200]));
    assertEquals(without.status, 401);
    assertEquals(within.status, 200);
  });
});
