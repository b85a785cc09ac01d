/** The library in a Worker of one's own, bundled as its users do and run in a real workerd. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { build } from "esbuild";
import { installPackage } from "../support/package.ts";
import { startWorker } from "../support/worker.ts";

const WORKER = `
import { createApp, defineTool, serve } from "mcplusplus";
import * as v from "valibot";

const greet = defineTool({
  name: "greet",
  description: "Say hello to someone",
  input: v.object({ name: v.string() }),
  run: ({ name }) => ({ greeting: "Hello, " + name + "!" }),
});
let app;

export default {
  async fetch(request) {
    app ??= createApp({ tools: [greet], config: { listen: { allowedHosts: ["*"] } } });
    const { fetch } = await app;
    if (new URL(request.url).pathname !== "/serve") return fetch(request);
    return new Response(await serve().catch((error) => error.code + ": " + error.message));
  },
};
`;

describe("the library in workerd", () => {
  it("serves a Worker's own tools, and says that an isolate cannot listen", async (t) => {
    const { folder } = await installPackage({ after: (clean) => t.after(clean) });
    const entry = join(folder, "worker.js");
    await writeFile(entry, WORKER);
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      format: "esm",
      platform: "browser",
      conditions: ["workerd", "worker", "browser"],
      write: false,
    });
    const script = outputFiles[0]?.text ?? "";
    const { url } = await startWorker({ after: (clean) => t.after(clean) }, script, {});

    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url)));
    const args = { tool: "greet", params: { name: "Ada" } };
    const greeted = await client.callTool({ name: "dispatch", arguments: args });
    await client.close();
    const listening = await (await fetch(new URL("/serve", url))).text();

    assertEquals(greeted.structuredContent, { greeting: "Hello, Ada!" });
    assertStringIncludes(listening, "runtime_unavailable");
    assertStringIncludes(listening, "createApp()");
  });
});
