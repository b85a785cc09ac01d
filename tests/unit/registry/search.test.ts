import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as v from "valibot";
import { localCaller } from "../../../src/registry/caller.ts";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import {
  createRegistry,
  type RegisteredTool,
  type Registry,
} from "../../../src/registry/registry.ts";
import { createSearch } from "../../../src/registry/search.ts";
import { callerOf } from "../../support/callers.ts";
import { categoryOf } from "../../support/fixtures.ts";

function tool(name: string, description: string, parameter?: string, readOnlyHint = true): Tool {
  const field = v.optional(v.pipe(v.string(), v.description(parameter ?? "A value")));
  return defineTool({
    name,
    description,
    input: v.object(parameter === undefined ? {} : { target: field }),
    annotations: { readOnlyHint },
    run: () => name,
  });
}

const files = [
  tool("read_text_file", "Read the complete contents of a file"),
  tool("delete_file", "Delete a file for good", undefined, false),
  tool("list_directory", "List what a directory holds"),
];
const web = [
  tool("take_screenshot", "Save an image of the current page"),
  tool("navigate", "Go to an address", "URL of the page to open"),
];

function registryOf(): Registry {
  const registry = createRegistry();
  registry.put(categoryOf("files", files));
  registry.put(categoryOf("web", web));
  return registry;
}

const names = (found: readonly RegisteredTool[]): string[] => found.map(({ name }) => name);

describe("createSearch()", () => {
  it("finds tools by what people say, best first", async () => {
    const search = createSearch(registryOf());
    for (const [query, best] of [
      ["show me the text in a file", "read_text_file"],
      ["remove a file", "delete_file"],
      ["what is in this folder?", "list_directory"],
      ["capture a picture of the website", "take_screenshot"],
      ["readTextFile", "read_text_file"],
      ["scrensshot", "take_screenshot"],
      ["go to an address", "navigate"],
    ] as const) {
      assertEquals(names(await search(query, localCaller, 1)), [best], query);
    }
  });

  it("finds nothing for what no tool does, and for nothing", async () => {
    const search = createSearch(registryOf());

    assertEquals(await search("xylophone", localCaller, 10), []);
    assertEquals(await search("", localCaller, 10), []);
    assertEquals(await search("x".repeat(100_000), localCaller, 10), []);
  });

  it("gives no more than asked for, and only what the caller may see", async () => {
    const search = createSearch(registryOf());

    assertEquals((await search("file", localCaller, 2)).length, 2);
    const reader = await search("file", callerOf(["files"], "read"), 10);
    assert(names(reader).includes("read_text_file"));
    assert(!names(reader).includes("delete_file"));
    assertEquals(await search("screenshot", callerOf(["files"]), 10), []);
  });

  it("follows the registry: what comes, goes and changes", async () => {
    const registry = registryOf();
    const search = createSearch(registry);
    await search("file", localCaller, 10);

    registry.put(categoryOf("mail", [tool("send_letter", "Send a letter by post")]));
    assertEquals(names(await search("letter", localCaller, 10)), ["send_letter"]);

    registry.put(categoryOf("mail", [tool("send_letter", "Transmit a telegram")]));
    assertEquals(names(await search("telegram", localCaller, 10)), ["send_letter"]);
    assertEquals(await search("post", localCaller, 10), []);

    registry.remove("mail");
    assertEquals(await search("telegram", localCaller, 10), []);
  });

  it("answers searches that come while it reads the tools, once for all of them", async () => {
    let loads = 0;
    const gate = Promise.withResolvers<readonly Tool[]>();
    const registry = createRegistry();
    registry.put(
      categoryOf("files", files, {
        load: () => {
          loads += 1;
          return gate.promise;
        },
      }),
    );
    const search = createSearch(registry);

    const both = Promise.all([search("read", localCaller, 1), search("delete", localCaller, 1)]);
    gate.resolve(files);

    assertEquals((await both).map(names), [["read_text_file"], ["delete_file"]]);
    assertEquals(loads, 1);
  });
});
