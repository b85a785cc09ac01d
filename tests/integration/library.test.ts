/** The package's entry on the host that runs the tests: a real port, a real disk, real signals. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import * as library from "../../runtimes/lib.ts";
import * as neutral from "../../src/mod.ts";
import { createTempFolder } from "../support/temp-folder.ts";

const { createApp, defineTool, InputError, serve, UnavailableError } = library;

const greet: library.Tool = defineTool({
  name: "greet",
  description: "Say hello to someone",
  input: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
  output: v.object({ greeting: v.string() }),
  run: ({ name }) => ({ greeting: `Hello, ${name}!` }),
});

const quiet = { log: { audit: false } } as const;

describe("the library", () => {
  it("has everything of the neutral API", () => {
    assertEquals(Object.keys(library).toSorted(), Object.keys(neutral).toSorted());
  });

  it("serves own tools beside the built-in ones to an MCP client", async (t) => {
    const serving = await serve({ tools: [greet], port: 0, config: quiet });
    t.after(() => serving.stop());
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", serving.url)));

    const listed = await client.callTool({ name: "list_categories", arguments: {} });
    const args = { tool: "greet", params: { name: "Ada" } };
    const greeted = await client.callTool({ name: "dispatch", arguments: args });
    await client.close();
    await serving.stop();

    const { categories } = listed.structuredContent as { categories: { name: string }[] };
    assertEquals(categories[0]?.name, "own");
    assert(categories.some(({ name }) => name === "dataset"));
    assertEquals(greeted.structuredContent, { greeting: "Hello, Ada!" });
    await assertRejects(() => fetch(`${serving.url}/health`));
  });

  it("says whose the port is when it is taken", async (t) => {
    const first = await serve({ tools: [greet], port: 0, config: quiet });
    t.after(() => first.stop());
    const port = Number(new URL(first.url).port);

    const error = await assertRejects(() => serve({ port, config: quiet }), UnavailableError);

    assertEquals(error.code, "address_unavailable");
    assertStringIncludes(error.message, String(port));
  });

  it("keeps what dataDir names a folder for, and writes nothing without", async (t) => {
    const folder = await createTempFolder(t);
    const dataDir = join(folder, "data");
    const entry = { key: "k", value: { n: 1 } };
    {
      await using app = await createApp({ config: { ...quiet, dataDir } });
      await app.call("cache_set", entry);
    }
    await using again = await createApp({ config: { ...quiet, dataDir } });
    await using forgetful = await createApp({ config: quiet });

    const kept = await again.call("cache_get", { key: "k" });
    const gone = await forgetful.call("cache_get", { key: "k" });

    assertEquals((kept.structuredContent as { value: unknown }).value, { n: 1 });
    assertEquals((gone.structuredContent as { found: boolean }).found, false);
    assert((await readdir(dataDir)).includes("store.sqlite"));
  });

  it("leaves the signals of the process to a program that only embeds", async () => {
    const before = process.listenerCount("SIGINT");

    await using app = await createApp({ tools: [greet], config: quiet });
    await app.call("greet", { name: "Ada" });

    // The servers of the tests above have taken them over; an embedded one adds nothing.
    assertEquals(process.listenerCount("SIGINT"), before);
  });

  it("names a wrong setting, a wrong tool and a wrong parameter", async () => {
    const config = JSON.parse('{"listen":{"prot":1}}');
    const setting = await assertRejects(() => createApp({ config }), InputError);
    await using app = await createApp({ tools: [greet], config: quiet });
    const tool = await assertRejects(() => app.call("gret", { name: "Ada" }), InputError);
    const parameter = await assertRejects(() => app.call("greet", { nam: "Ada" }), InputError);

    assertStringIncludes(setting.message, "config.listen.prot");
    assertEquals(tool.data.nearest, ["greet"]);
    assertStringIncludes(parameter.message, "name");
  });
});
