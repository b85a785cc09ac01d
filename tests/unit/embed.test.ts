/** A server inside a program, on a host in memory. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { type EmbedOptions, embed } from "../../src/embed.ts";
import { InputError } from "../../src/errors.ts";
import { anonymousCaller } from "../../src/registry/caller.ts";
import type { Category } from "../../src/registry/category.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import { createFakeHost, type FakeHostOptions } from "../support/fake-host.ts";

const greet: Tool = defineTool({
  name: "greet",
  description: "Say hello to someone",
  input: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
  output: v.object({ greeting: v.string() }),
  run: ({ name }) => ({ greeting: `Hello, ${name}!` }),
});

const whoAmI: Tool = defineTool({
  name: "who_am_i",
  description: "Say who called",
  input: v.object({}),
  run: (_, { caller }) => ({ caller: caller.id }),
});

const builtin: Category = {
  name: "builtin",
  title: "Built in",
  description: "Comes with the server",
  source: "builtin",
  runtime: "local",
  toolNames: ["noop"],
  load: async () => [
    defineTool({ name: "noop", description: "Do nothing", input: v.object({}), run: () => ({}) }),
  ],
};

const quiet = { log: { audit: false } } as const;

const open = (options: Partial<EmbedOptions> = {}, host: FakeHostOptions = {}) =>
  embed({ host: createFakeHost(host).host, tools: [greet], config: quiet, ...options });

describe("embed()", () => {
  it("calls own tools by name, and throws what is no result", async () => {
    await using app = await open();

    const result = await app.call("greet", { name: "Ada" });
    const wrong = await assertRejects(() => app.call("greet", { name: "" }), InputError);
    const unknown = await assertRejects(() => app.call("great", { name: "Ada" }), InputError);

    assertEquals(result.structuredContent, { greeting: "Hello, Ada!" });
    assertEquals(wrong.code, "invalid_input");
    assertEquals(unknown.code, "unknown_tool");
    assertEquals(unknown.data.nearest, ["greet"]);
  });

  it("lists the own tools before the built-in ones, in the category that was named", async () => {
    await using app = await open({ category: "hello", catalog: [builtin] });

    const listed = await app.call("list_categories");

    const { categories } = listed.structuredContent as { categories: { name: string }[] };
    assertEquals(
      categories.map(({ name }) => name),
      ["hello", "builtin"],
    );
  });

  it("answers HTTP through a detached fetch", async () => {
    await using app = await open();
    const { fetch } = app;

    const answer = await fetch(
      new Request("http://localhost/tools/greet", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Ada" }),
      }),
    );

    assertEquals(answer.status, 200);
    assertEquals((await answer.json()).structuredContent, { greeting: "Hello, Ada!" });
  });

  it("hands the caller's signal to the handler", async () => {
    const started = Promise.withResolvers<void>();
    const wait = defineTool({
      name: "wait",
      description: "Wait until told to stop",
      input: v.object({}),
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          started.resolve();
        }),
    });
    await using app = await open({ tools: [wait] });
    const stop = new AbortController();

    const waiting = app.call("wait", {}, { signal: stop.signal });
    await started.promise;
    stop.abort(new Error("enough"));

    const error = await assertRejects(() => waiting);
    assertStringIncludes((error as Error).message, "enough");
  });

  it("calls as the program itself, or as whom it names", async () => {
    await using app = await open({ tools: [whoAmI] });

    const own = await app.call("who_am_i");
    const other = await app.call("who_am_i", {}, { caller: anonymousCaller });

    assertEquals(own.structuredContent, { caller: "local" });
    assertEquals(other.structuredContent, { caller: "anonymous" });
  });

  it("writes to a disk only where dataDir names a folder", async () => {
    const opened: string[] = [];
    const { host } = createFakeHost();
    const spying = {
      ...host,
      openStore: (path: string) => {
        opened.push(path);
        return host.openStore(path);
      },
    };

    await (await open({ host: spying })).stop();
    const none = [...opened];
    await (await open({ host: spying, config: { ...quiet, dataDir: "data" } })).stop();

    assertEquals(none, []);
    assertEquals(opened, ["/work/data/store.sqlite"]);
  });

  it("takes settings from the environment where the program gives none, and says what is odd", async () => {
    const fake = createFakeHost({ environment: { MCPP_VIEW: "flat", MCPP_VIEV: "flat" } });

    await using app = await open({ host: fake.host });

    assertEquals(app.config.view, "flat");
    assertStringIncludes(fake.stderr(), "MCPP_VIEV");
  });

  it("refuses tools that could not be told apart", async () => {
    const twice = await assertRejects(() => open({ tools: [greet, greet] }), InputError);
    const meta = { ...greet, name: "dispatch" };
    const reserved = await assertRejects(() => open({ tools: [meta] }), InputError);
    const clash = await assertRejects(
      () => open({ category: "builtin", catalog: [builtin] }),
      InputError,
    );

    assertEquals(twice.code, "duplicate_tool");
    assertEquals(reserved.code, "duplicate_tool");
    assert(reserved.message.includes("meta-tool"));
    assertEquals(clash.code, "invalid_input");
  });
});
