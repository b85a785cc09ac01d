import { describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { assert, assertEquals } from "@std/assert";
import * as v from "valibot";
import { goldenTools } from "../../bench/golden/catalog.ts";
import { localCaller } from "../../src/registry/caller.ts";
import { defineTool } from "../../src/registry/definition.ts";
import { acceptedName } from "../../src/registry/names.ts";
import { createRegistry, type RegisteredTool } from "../../src/registry/registry.ts";
import { type OpenApi, openApiOf } from "../../src/server/openapi.ts";
import { catalog } from "../../tools/mod.ts";

const info = { title: "mcplusplus", version: "1.0.0", isAuthOn: true };

/** Parsed from its own text, as a client gets it. */
async function problemsOf(document: OpenApi): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  return valid ? undefined : errors;
}

/** A recorded definition of a real server, in the place of a tool that cannot be called here. */
function recorded(golden: (typeof goldenTools)[number]): RegisteredTool {
  const { server, name, description, inputSchema } = golden;
  const tool = defineTool({ name, description, input: v.object({}), run: () => ({}) });
  const exposed = acceptedName(`${server}_${name}`);
  return { name: exposed, category: server, tool: { ...tool, inputSchema } };
}

describe("GET /openapi.json", () => {
  it("is valid for every built-in tool", async () => {
    const registry = createRegistry();
    for (const category of catalog) registry.put(category);
    const tools = await registry.list(localCaller);

    assert(tools.length >= 22, `${tools.length} tools`);
    assertEquals(await problemsOf(openApiOf(tools, info)), undefined);
  });

  it("is valid for the tools of real servers, whatever dialect and references they use", async () => {
    const tools = goldenTools.map(recorded);

    const document = openApiOf(tools, info);

    assertEquals(Object.keys(document.paths as object).length, tools.length + 1);
    assertEquals(await problemsOf(document), undefined);
  });
});
