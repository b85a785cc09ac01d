import { describe, it, type TestContext } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { App } from "../../src/app-types.ts";
import { createFixtureCatalog } from "../conformance/fixtures/catalog.ts";
import { openHarness } from "../support/harness.ts";

const MODERN = "2026-07-28";

async function openApp(t: TestContext): Promise<App> {
  const made: { app?: App } = {};
  const catalog = createFixtureCatalog(() => {
    if (made.app) return made.app.registry;
    throw new Error("no app yet");
  });
  const { app } = await openHarness(t, { categories: catalog });
  made.app = app;
  return app;
}

async function post(
  app: App,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): Promise<Response> {
  return await app.fetch(
    new Request(`http://localhost${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", ...body }),
    }),
  );
}

function postModern(
  app: App,
  method: string,
  params: { readonly name?: string; readonly arguments?: object } = {},
  more: { readonly headers?: Readonly<Record<string, string>>; readonly path?: string } = {},
): Promise<Response> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const headers = {
    "mcp-protocol-version": MODERN,
    "mcp-method": method,
    ...(params.name !== undefined && { "mcp-name": params.name }),
    ...more.headers,
  };
  const body = { id: 1, method, params: { ...params, _meta } };
  return post(app, more.path ?? "/mcp/flat", headers, body);
}

/** A session of the legacy era: how its client sends the next message. */
async function openSession(app: App): Promise<(body: object) => Promise<Response>> {
  const clientInfo = { name: "test", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const begun = await post(app, "/mcp/flat", {}, { id: 1, method: "initialize", params });
  await begun.body?.cancel();
  const session = {
    "mcp-session-id": begun.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": "2025-11-25",
  };
  await post(app, "/mcp/flat", session, { method: "notifications/initialized" });
  return (body) => post(app, "/mcp/flat", session, body);
}

describe("a modern call", () => {
  it("that would have to ask a client that cannot answer names what is missing", async (t) => {
    const app = await openApp(t);

    const response = await postModern(app, "tools/call", { name: "test_missing_capability" });

    assertEquals(response.status, 400);
    const { error } = await response.json();
    assertEquals(error.code, -32021);
    assertEquals(error.data.requiredCapabilities, { sampling: {} });
  });

  it("is refused where a parameter's header is no proper Base64", async (t) => {
    const app = await openApp(t);
    const statusOf = async (encoded: string): Promise<number> => {
      const params = { name: "test_x_mcp_header", arguments: { region: "Hello" } };
      const headers = { "mcp-param-region": `=?base64?${encoded}?=` };
      const response = await postModern(app, "tools/call", params, { headers });
      await response.body?.cancel();
      return response.status;
    };

    assertEquals(await statusOf("SGVsbG8="), 200);
    assertEquals(await statusOf("SGVsbG8"), 400);
    assertEquals(await statusOf("SGVs!!!bG8="), 400);
  });
});

describe("a legacy session", () => {
  const call = { id: 3, method: "tools/call", params: { name: "test_logging_tool" } };

  it("is answered as plain JSON while nobody wants logs", async (t) => {
    const send = await openSession(await openApp(t));

    const response = await send(call);

    assertEquals(response.headers.get("content-type"), "application/json");
    await response.body?.cancel();
  });

  it("hears the logs of its calls, from the level that it set", async (t) => {
    const send = await openSession(await openApp(t));
    const level = { id: 2, method: "logging/setLevel", params: { level: "warning" } };
    await (await send(level)).text();

    const answer = await (await send(call)).text();

    assertStringIncludes(answer, '"data":"A warning"');
    assertStringIncludes(answer, '"data":"A error"');
    assertEquals(answer.includes('"data":"A info"'), false);
  });

  it("is told when to come back for a stream that broke", async (t) => {
    const send = await openSession(await openApp(t));
    await (await send({ id: 2, method: "logging/setLevel", params: { level: "info" } })).text();

    const answer = await (await send(call)).text();

    assertStringIncludes(answer, "retry: 1000");
  });
});

describe("server/discover", () => {
  it("promises news of the tool list only where the list can change", async (t) => {
    const app = await openApp(t);
    const promised = async (path: string): Promise<unknown> => {
      const response = await postModern(app, "server/discover", {}, { path });
      return (await response.json()).result.capabilities.tools.listChanged;
    };

    assertEquals(await promised("/mcp/meta"), false);
    assertEquals(await promised("/mcp/flat"), true);
    assertEquals(await promised("/mcp/hybrid"), true);
  });
});
