/** The declarations, read by a compiler that has nothing but the published package. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { emitTypes } from "../../scripts/types.ts";
import { installPackage, root, run } from "../support/package.ts";

const PROGRAM = `
import { createApp, defineTool, type EmbeddedApp, InputError, serve, type Tool } from "mcplusplus";
import { createMesh, type PageMesh, v as schemas } from "mcplusplus/browser";
import edge from "mcplusplus/edge";
import { defineTool as define } from "mcplusplus/tool";
import * as v from "valibot";

const greet: Tool = defineTool({
  name: "greet",
  description: "Say hello to someone",
  input: v.object({ name: v.string() }),
  output: v.object({ greeting: v.string() }),
  run: ({ name }, { signal, cache }) => {
    signal.throwIfAborted();
    void cache.get(name.toUpperCase());
    return { greeting: \`Hello, \${name}!\` };
  },
});
export const app: EmbeddedApp = await createApp({
  tools: [greet],
  config: {
    listen: { port: 0 },
    mcpServers: { files: { command: "npx", args: ["-y", "x"] }, far: { url: "https://x.example" } },
  },
});
export const answer: Response = await app.fetch(new Request("http://localhost/"));
export const { url }: { url: string } = await serve({ tools: [greet], port: 0 });
export const viaEdge: Promise<Response> = edge.fetch(new Request("http://localhost/"));
export const code: string = new InputError("invalid_input", "no").code;
export { define };
export async function page(): Promise<string[]> {
  const mesh: PageMesh = await createMesh({ bootstrap: ["/dns4/x/tcp/443/tls/ws"], name: "page" });
  mesh.offer(define({ name: "hi", description: "hi", input: schemas.object({}), run: () => ({}) }));
  const { structuredContent } = await mesh.call("greet", { name: "Ada" }, { peer: "studio" });
  void structuredContent;
  return mesh.peers().map(({ peer }) => peer);
}

// @ts-expect-error a setting that does not exist
await createApp({ config: { listen: { prot: 1 } } });
// @ts-expect-error the handler must return what its output says
defineTool({ name: "x", description: "x", input: v.object({}), output: v.object({ n: v.number() }), run: () => ({ n: "1" }) });
`;

const SETTINGS = {
  strict: true,
  noEmit: true,
  target: "ES2024",
  lib: ["ESNext", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  types: [],
  exactOptionalPropertyTypes: true,
};

const RESOLUTIONS = [
  { module: "NodeNext", moduleResolution: "NodeNext" },
  { module: "ESNext", moduleResolution: "Bundler" },
  { module: "ESNext", moduleResolution: "Bundler", customConditions: ["workerd"] },
];

describe("the published declarations", () => {
  it("check a consumer under nodenext and bundler, without looking away from libraries", async (t) => {
    const { folder, dist } = await installPackage(t);
    await emitTypes(join(dist, "types"));
    await writeFile(join(folder, "app.ts"), PROGRAM);

    for (const resolution of RESOLUTIONS) {
      const compilerOptions = { ...SETTINGS, ...resolution };
      const config = JSON.stringify({ compilerOptions, files: ["app.ts"] });
      await writeFile(join(folder, "tsconfig.json"), config);

      const { stdout } = run([join(root, "node_modules/.bin/tsc"), "-p", folder], { cwd: folder });

      assertEquals(stdout, "", resolution.moduleResolution);
    }
  });
});
