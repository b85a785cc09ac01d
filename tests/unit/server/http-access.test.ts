import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { localCaller } from "../../../src/registry/caller.ts";
import { askApp, type Json } from "../../support/http-app.ts";
import { createKeys } from "../../support/keys.ts";

describe("wrong requests", () => {
  it("are told what is nearest, or which methods there are", async () => {
    const { ask } = askApp();
    const missing = await ask("/toools");
    const method = await ask("/tools/add", { method: "DELETE" });

    assertEquals(
      [missing.status, ((await missing.json()) as Json).data],
      [404, { path: "/toools", nearest: ["/tools"] }],
    );
    assertEquals([method.status, method.headers.get("allow")], [405, "GET, POST"]);
    assertEquals(((await method.json()) as Json).code, "method_not_allowed");
  });

  it("are refused by name and origin on every route, before anything else", async () => {
    const { ask } = askApp();
    for (const path of [
      "/",
      "/mcp",
      "/tools",
      "/health",
      "/ready",
      "/metrics",
      "/events",
      "/nowhere",
    ]) {
      const rebound = await ask(path, { headers: { host: "evil.example" } });
      const foreign = await ask(path, { headers: { origin: "https://evil.example" } });
      assertEquals([rebound.status, foreign.status], [403, 403], path);
      assertEquals(foreign.headers.get("access-control-allow-origin"), null);
    }
  });
});

describe("pages of allowed origins", () => {
  const origin = "https://app.example";

  it("may ask first, and are told which headers they may send", async () => {
    const { ask } = askApp({ allowedOrigins: [origin] });

    const answer = await ask("/mcp", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, mcp-method,Mcp-Param-Region, x-evil",
      },
    });

    assertEquals(answer.status, 204);
    assertEquals(answer.headers.get("access-control-allow-origin"), origin);
    assertEquals(
      answer.headers.get("access-control-allow-headers"),
      "content-type, mcp-method, mcp-param-region",
    );
    assertEquals(answer.headers.get("access-control-allow-credentials"), null);
    assertStringIncludes(answer.headers.get("vary") ?? "", "Origin");
  });

  it("may read answers, errors too; other requests get no such headers", async () => {
    const { ask, post } = askApp({ allowedOrigins: [origin] });

    const answer = await post("/tools/add", { a: 1, b: 2 }, { origin });
    const failed = await ask("/nowhere", { headers: { origin } });
    const plain = await ask("/health");

    assertEquals(answer.headers.get("access-control-allow-origin"), origin);
    assertStringIncludes(
      answer.headers.get("access-control-expose-headers") ?? "",
      "Mcp-Session-Id",
    );
    assertEquals(failed.headers.get("access-control-allow-origin"), origin);
    assertEquals(plain.headers.get("access-control-allow-origin"), null);
  });
});

describe("callers with keys", () => {
  it("must say who they are, everywhere but where health and metadata are", async () => {
    const { auth, as } = createKeys({ ci: {} });
    const { ask } = askApp({ auth });
    for (const path of [
      "/",
      "/mcp",
      "/tools",
      "/tools/add",
      "/openapi.json",
      "/metrics",
      "/events",
    ]) {
      const answer = await ask(path);
      assertEquals(
        [answer.status, ((await answer.json()) as Json).code],
        [401, "unauthenticated"],
        path,
      );
      assertEquals(answer.headers.get("www-authenticate"), 'Bearer realm="mcplusplus"');
      assertEquals((await ask(`${path}?access_token=${as("ci").authorization}`)).status, 401);
    }
    for (const path of ["/health", "/ready"]) assertEquals((await ask(path)).status, 200);
  });

  it("do not learn from errors which tools there are beyond their grant", async () => {
    const { auth, as } = createKeys({ reader: {}, elsewhere: { categories: ["other"] } });
    const { app, post } = askApp({ auth });
    for (const id of ["reader", "elsewhere"]) {
      // Before the category is loaded, and after.
      for (const loaded of [false, true]) {
        if (loaded) await app.registry.list(localCaller);
        const near = await (await post("/tools/wippe", {}, as(id))).text();
        assertEquals(/wipe\b/.test(near), false, near);
      }
      const real = (await (await post("/tools/wipe", {}, as(id))).json()) as Json;
      assertEquals([real.code, real.data], ["unknown_tool", { tool: "wipe", nearest: [] }], id);
    }
  });

  it("see and call what their grant opens", async () => {
    const { auth, as } = createKeys({
      reader: {},
      writer: { access: "destructive", abilities: ["admin"] },
      elsewhere: { categories: ["other"] },
    });
    const { post, ask, json } = askApp({ auth });
    const status = async (id: string, tool: string) =>
      (await post(`/tools/${tool}`, {}, as(id))).status;

    assertEquals([await status("reader", "wipe"), await status("reader", "restart")], [404, 403]);
    assertEquals([await status("writer", "wipe"), await status("writer", "restart")], [200, 200]);
    assertEquals([await status("elsewhere", "add"), await status("elsewhere", "wipe")], [404, 404]);
    assertEquals((await json(post("/mcp", {}, as("reader")))).caller, "key:reader");
    assertEquals((await ask("/metrics", { headers: as("elsewhere") })).status, 403);
    assertEquals((await ask("/metrics", { headers: as("writer") })).status, 200);
  });
});
