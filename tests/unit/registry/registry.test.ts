import { describe, it } from "node:test";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as v from "valibot";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { createRegistry } from "../../../src/registry/registry.ts";
import { callerOf } from "../../support/callers.ts";
import { categoryOf } from "../../support/fixtures.ts";

function tool(name: string, readOnlyHint = true): Tool {
  return defineTool({
    name,
    description: `Does ${name}`,
    input: v.object({}),
    annotations: { readOnlyHint },
    run: () => name,
  });
}

const upstream = (name: string, ...tools: readonly Tool[]): ReturnType<typeof categoryOf> =>
  categoryOf(name, tools, { source: "upstream" });

const names = (tools: readonly { readonly name: string }[]): string[] =>
  tools.map(({ name }) => name);

describe("createRegistry()", () => {
  it("loads a category on the first use of one of its tools, and once", async () => {
    let loads = 0;
    const registry = createRegistry();
    const tools = [tool("read"), tool("write")];
    registry.put(
      categoryOf("files", tools, {
        load: async () => {
          loads += 1;
          return tools;
        },
      }),
    );

    assertEquals(registry.loaded("read", localCaller), undefined);
    assertEquals(registry.categories(localCaller)[0]?.toolCount, 2);
    assertEquals(loads, 0);
    const [first, second] = await Promise.all([
      registry.resolve("read", localCaller),
      registry.resolve("write", localCaller),
    ]);

    assertEquals(loads, 1);
    assertEquals([first.name, first.category, second.name], ["read", "files", "write"]);
    assert(registry.loaded("read", localCaller) === first);
    assertEquals(registry.loaded("write", localCaller)?.tool, second.tool);
  });

  it("tries again after a category could not be loaded", async () => {
    let isThere = false;
    const registry = createRegistry();
    registry.put(
      categoryOf("files", [tool("read")], {
        load: () => (isThere ? Promise.resolve([tool("read")]) : Promise.reject(new Error("no"))),
      }),
    );

    await assertRejects(() => registry.resolve("read", localCaller), Error, "no");
    isThere = true;

    assertEquals((await registry.resolve("read", localCaller)).name, "read");
  });

  it("lists the others when one category cannot be loaded, and says why when asked for it", async () => {
    const registry = createRegistry();
    const reason = new UnavailableError("upstream_unavailable", "The server is away");
    registry.put(
      categoryOf("broken", [tool("gone")], {
        load: () => Promise.reject(reason),
        availability: () => ({ available: false, reason: "away" }),
      }),
    );
    registry.put(categoryOf("files", [tool("read")]));

    assertEquals(names(await registry.list(localCaller)), ["read"]);
    assertEquals(names(await registry.list(localCaller, "files")), ["read"]);
    await assertRejects(() => registry.list(localCaller, "broken"), UnavailableError, "away");
    const [broken] = registry.categories(localCaller);
    assertEquals(broken?.availability, { available: false, reason: "away" });
    assertEquals(broken?.toolCount, 0);
  });

  it("replaces a category of the same name and tells its listeners", async () => {
    const registry = createRegistry();
    const changed: string[] = [];
    registry.put(categoryOf("files", [tool("read")]));
    const before = await registry.resolve("read", localCaller);
    const stop = registry.onChange(({ name }) => changed.push(name));
    const { version } = registry;

    registry.put(categoryOf("files", [tool("read"), tool("write")]));

    assertEquals(registry.loaded("read", localCaller), undefined);
    const after = await registry.resolve("read", localCaller);
    assertNotEquals(after.tool, before.tool);
    assertEquals(names(await registry.list(localCaller)), ["read", "write"]);
    assertEquals(registry.version, version + 1);
    stop();
    registry.remove("files");
    assertEquals(changed, ["files"]);
    assertEquals(await registry.list(localCaller), []);
    await assertRejects(() => registry.resolve("read", localCaller), InputError);
  });

  it("forgets a tool whose category was removed or replaced while it was loading", async () => {
    for (const change of ["remove", "replace"] as const) {
      const registry = createRegistry();
      const gate = Promise.withResolvers<readonly Tool[]>();
      const old = tool("read");
      registry.put(categoryOf("files", [old], { load: () => gate.promise }));

      const resolving = registry.resolve("read", localCaller);
      const listing = registry.list(localCaller);
      if (change === "remove") registry.remove("files");
      else registry.put(categoryOf("files", [tool("read")]));
      gate.resolve([old]);
      await Promise.all([resolving, listing]);

      assertEquals(registry.loaded("read", localCaller), undefined, change);
    }
  });

  it("accepts an alias, a category before a slash, and a category beside the name", async () => {
    const registry = createRegistry();
    const aliases = { old_read: "files_read" };
    registry.put(categoryOf("files", [tool("files_read")], { aliases }));

    for (const [name, category] of [
      ["old_read", undefined],
      ["files/files_read", undefined],
      ["files_read", "files"],
    ] as const) {
      assertEquals((await registry.resolve(name, localCaller, category)).name, "files_read");
    }
    assertEquals(names(await registry.list(localCaller)), ["files_read"]);
  });

  it("names the nearest tools and categories for wrong ones", async () => {
    const registry = createRegistry();
    registry.put(categoryOf("files", [tool("read_file"), tool("write_file")]));
    registry.put(categoryOf("text", [tool("count_words")]));

    const wrong = await assertRejects(() => registry.resolve("readFile", localCaller), InputError);
    const there = await assertRejects(
      () => registry.resolve("read_fil", localCaller, "text"),
      InputError,
    );
    const category = await assertRejects(() => registry.list(localCaller, "file"), InputError);

    assertEquals([wrong.code, wrong.data.nearest], ["unknown_tool", ["read_file", "write_file"]]);
    assertStringIncludes(wrong.message, "did you mean read_file");
    assertStringIncludes(there.message, 'in category "text"');
    assertEquals(there.data.nearest, []);
    assertEquals([category.code, category.data.nearest], ["unknown_category", ["files"]]);
  });

  it("says by which names two tools of one name can be told apart", async () => {
    const registry = createRegistry();
    registry.put(upstream("github", tool("search")));
    registry.put(upstream("gitlab", tool("search")));

    const error = await assertRejects(() => registry.resolve("search", localCaller), InputError);

    assertEquals(error.code, "ambiguous_tool");
    assertEquals(error.data.nearest, ["github_search", "gitlab_search"]);
    assertEquals((await registry.resolve("gitlab_search", localCaller)).category, "gitlab");
    assertEquals((await registry.resolve("search", localCaller, "github")).name, "github_search");
    assertEquals((await registry.resolve("github/search", localCaller)).name, "github_search");
  });

  it("says plainly that a tool is missing which its category promised", async () => {
    const registry = createRegistry();
    registry.put(categoryOf("files", [], { toolNames: ["read"] }));

    const error = await assertRejects(() => registry.resolve("read", localCaller), InputError);

    assertEquals(error.code, "unknown_tool");
  });

  it("denies that hidden categories and tools exist", async () => {
    const registry = createRegistry();
    registry.put(categoryOf("open", [tool("look"), tool("erase", false)]));
    const aliases = { peep: "spy" };
    registry.put(categoryOf("secret", [tool("spy"), tool("look_closer")], { aliases }));
    const reader = callerOf(["open"], "read");
    await registry.list(localCaller);

    assertEquals(
      registry.categories(reader).map(({ name, toolCount }) => [name, toolCount]),
      [["open", 1]],
    );
    assertEquals(names(await registry.list(reader)), ["look"]);
    assertEquals(registry.loaded("spy", reader), undefined);
    assertEquals(registry.loaded("erase", reader), undefined);
    const answers: unknown[] = [];
    for (const [name, category] of [
      ["spy", undefined],
      ["erase", undefined],
      ["peep", undefined],
      ["secret/spy", undefined],
      ["spy", "secret"],
      ["absent/spy", undefined],
      ["spy", "absent"],
    ] as const) {
      const error = await assertRejects(() => registry.resolve(name, reader, category), InputError);
      answers.push(error.code);
      assert(!/look_closer|secret_/.test(error.message), error.message);
      assert(!(error.data.nearest as string[]).includes("erase"));
    }
    const [tool1, tool2, alias, slash, beside, absentSlash, absentBeside] = answers;
    assertEquals([tool1, tool2, alias], Array(3).fill("unknown_tool"));
    assertEquals([slash, beside], [absentSlash, absentBeside]);
    const listed = await assertRejects(() => registry.list(reader, "secret"), InputError);
    const absent = await assertRejects(() => registry.list(reader, "absent"), InputError);
    assertEquals(listed.message.replace("secret", "absent"), absent.message);
  });
});
