import { describe, it } from "node:test";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createApiKey } from "../../src/auth/api-keys.ts";
import { openPlace } from "../support/client-links.ts";
import { post } from "../support/messages.ts";

const random = (fill: number) => (length: number) => new Uint8Array(length).fill(fill);
const ada = createApiKey("ada", random(1));
const bob = createApiKey("bob", random(2));

const config = {
  view: "flat",
  auth: {
    keys: [
      { id: "ada", hash: ada.hash, access: "destructive" },
      { id: "bob", hash: bob.hash, access: "read", categories: ["demo"] },
    ],
  },
};

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

describe("a session over a port", () => {
  it("belongs to the key that began it", async (t) => {
    const place = await openPlace(t, "port", { config });
    const client = await place.connect("legacy", { headers: bearer(ada.key) });
    const { transport } = client;
    assert(transport instanceof StreamableHTTPClientTransport);
    const session = { "mcp-session-id": transport.sessionId ?? "" };
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    const { app } = place.harness ?? {};

    const own = await app?.fetch(post(list, { ...session, ...bearer(ada.key) }));
    const other = await app?.fetch(post(list, { ...session, ...bearer(bob.key) }));
    const nobody = await app?.fetch(post(list, session));

    assertEquals([own?.status, other?.status, nobody?.status], [200, 404, 401]);
  });

  it("shows each key its own tools and denies the others, in both eras", async (t) => {
    const place = await openPlace(t, "port", { config });
    for (const era of ["modern", "legacy"] as const) {
      const strong = await place.connect(era, { headers: bearer(ada.key) });
      const weak = await place.connect(era, { headers: bearer(bob.key) });

      const all = (await strong.listTools()).tools.map(({ name }) => name);
      const some = (await weak.listTools()).tools.map(({ name }) => name);

      assert(all.includes("wipe") && some.includes("add") && !some.includes("wipe"));
      await assertRejects(() => weak.callTool({ name: "wipe", arguments: {} }), Error, "no tool");
      const dispatched = await weak.callTool({ name: "dispatch", arguments: { tool: "wipe" } });
      assertEquals(dispatched.isError, true);
      assertEquals((await weak.listResources()).resources, []);
      assertEquals((await strong.listResources()).resources.length, 2);
    }
  });

  it("ends when its client says so", async (t) => {
    const place = await openPlace(t, "port", { config });
    const client = await place.connect("legacy", { headers: bearer(ada.key) });
    const { transport } = client;
    assert(transport instanceof StreamableHTTPClientTransport);
    const id = transport.sessionId ?? "";

    await transport.terminateSession();

    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    const headers = { "mcp-session-id": id, ...bearer(ada.key) };
    assertEquals((await place.harness?.app.fetch(post(list, headers)))?.status, 404);
  });

  it("is not to be had without a key", async (t) => {
    const place = await openPlace(t, "port", { config });

    await assertRejects(() => place.connect("legacy"));
    await assertRejects(() => place.connect("modern", { headers: bearer(`${ada.key}x`) }));
  });
});
