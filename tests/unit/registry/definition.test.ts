import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as v from "valibot";
import { InputError, IntegrityError } from "../../../src/errors.ts";
import type { ToolContext } from "../../../src/registry/context.ts";
import { accessOf, defineTool, type Tool } from "../../../src/registry/definition.ts";
import { type CallResult, text } from "../../../src/registry/result.ts";

/** The tools here touch nothing of it. */
const context = {} as ToolContext;

describe("defineTool()", () => {
  it("derives title, description and schemas of what the author wrote", () => {
    const tool = defineTool({
      name: "read_text_file",
      description: "Read a file",
      details: "At most 1 MB.",
      input: v.object({ path: v.string() }),
      output: v.object({ text: v.string() }),
      annotations: { readOnlyHint: true },
      run: ({ path }) => ({ text: path }),
    });

    assertEquals(tool.title, "Read text file");
    assertEquals(tool.summary, "Read a file");
    assertEquals(tool.description, "Read a file. At most 1 MB.");
    assertEquals(tool.annotations, { title: "Read text file", readOnlyHint: true });
    assertEquals(tool.inputSchema.required, ["path"]);
    assertEquals(tool.outputSchema?.required, ["text"]);
    assertEquals(tool.access, "read");
  });

  it("has no output schema where none was promised", () => {
    const tool = defineTool({
      name: "now",
      title: "The time",
      description: "Tell the time",
      input: v.object({}),
      run: () => "noon",
    });

    assertEquals("outputSchema" in tool, false);
    assertEquals(tool.title, "The time");
  });

  it("checks the output of handlers that answer now and of those that answer later", async () => {
    const make = (run: () => unknown): Tool =>
      defineTool({
        name: "sum",
        description: "Sum",
        input: v.object({}),
        output: v.object({ sum: v.number() }),
        // A handler that breaks its promise, as only the compiler would notice.
        run: run as () => { sum: number },
      });

    assertThrows(() => make(() => ({ sum: "3" })).run({}, context), IntegrityError);
    await assertRejects(async () => make(async () => ({})).run({}, context), IntegrityError);
    const right = await make(async () => ({ sum: 3 })).run({}, context);
    assertEquals(right.structuredContent, { sum: 3 });
  });

  it("passes full results, errors and questions on as they are", async () => {
    for (const result of [
      { content: [text("it broke")], isError: true },
      { content: [], resultType: "input_required" as const, inputRequests: {} },
      { content: [text("three")], structuredContent: { sum: 3 }, _meta: { a: 1 } },
    ]) {
      const tool = defineTool({
        name: "sum",
        description: "Sum",
        input: v.object({}),
        output: v.object({ sum: v.number() }),
        run: () => result,
      });

      assertEquals(await tool.run({}, context), result);
    }
  });

  it("asks what must be known first, and runs once nothing is left to ask", async () => {
    const question: CallResult = { content: [], resultType: "input_required", inputRequests: {} };
    const tool = defineTool({
      name: "greet",
      description: "Greet",
      input: v.object({}),
      taskSupport: "required",
      asksFirst: (_, { inputResponses }) => (inputResponses ? undefined : question),
      run: () => "hello",
    });

    assertEquals(tool.taskSupport, "required");
    assertEquals(await tool.run({}, context), question);
    const answered = { ...context, inputResponses: {} };
    assertEquals(await tool.run({}, answered), { content: [text("hello")] });
  });

  it("parses with its own schema", () => {
    const tool = defineTool({
      name: "add",
      description: "Add",
      input: v.object({ a: v.optional(v.number(), 1) }),
      run: ({ a }) => a,
    });

    assertEquals(tool.parse({}), { a: 1 });
    assertThrows(() => tool.parse({ a: "1" }), InputError, '"add": /a');
  });
});

describe("accessOf()", () => {
  it("follows MCP's defaults: what says nothing may destroy", () => {
    assertEquals(accessOf({}), "destructive");
    assertEquals(accessOf({ destructiveHint: false }), "write");
    assertEquals(accessOf({ readOnlyHint: true, destructiveHint: true }), "read");
  });
});
