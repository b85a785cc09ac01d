/**
 * Categories for tests: tools that end in every way, that wait, ask and report, and an offer of
 * resources and prompts.
 *
 * @module
 */

import * as v from "valibot";
import { ToolError, UnavailableError } from "../../src/errors.ts";
import type { Category } from "../../src/registry/category.ts";
import type { ToolContext } from "../../src/registry/context.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import type { Offer } from "../../src/registry/offer.ts";
import { type CallResult, text } from "../../src/registry/result.ts";

/** The categories and what happened in them. */
export interface Fixtures {
  readonly categories: readonly Category[];
  /** Which moments of `wait` have come, e.g. `started:a`, `cancelled:a`. */
  readonly moments: Moments;
  /** URIs that the source of the resources was asked to watch, in order. */
  readonly watched: string[];
  /** What the tool `grow` does; the test decides. */
  grow: () => void;
}

/** Things that happen once, and that others may wait for. */
export interface Moments {
  happened(name: string): void;
  wait(name: string): Promise<void>;
}

/** No moment has come yet. */
export function createMoments(): Moments {
  const moments = new Map<string, PromiseWithResolvers<void>>();
  const of = (name: string): PromiseWithResolvers<void> => {
    const known = moments.get(name) ?? Promise.withResolvers<void>();
    moments.set(name, known);
    return known;
  };
  return { happened: (name) => of(name).resolve(), wait: (name) => of(name).promise };
}

/** A built-in category of these tools. */
export function categoryOf(
  name: string,
  tools: readonly Tool[],
  more: Partial<Category> = {},
): Category {
  return {
    name,
    title: name,
    description: `Tools of ${name}`,
    source: "builtin",
    runtime: "local",
    toolNames: tools.map((tool) => tool.name),
    load: () => Promise.resolve(tools),
    ...more,
  };
}

const readOnly = { readOnlyHint: true } as const;

const add: Tool = defineTool({
  name: "add",
  description: "Add two numbers",
  input: v.object({ a: v.number(), b: v.number() }),
  output: v.object({ sum: v.number() }),
  annotations: readOnly,
  example: { a: 1, b: 2 },
  run: ({ a, b }) => ({ sum: a + b }),
});

const echo: Tool = defineTool({
  name: "echo",
  description: "Give back what came, whatever it is",
  input: v.object({ value: v.optional(v.unknown()) }),
  annotations: readOnly,
  run: ({ value }) => value,
});

const fail: Tool = defineTool({
  name: "fail",
  description: "End in the way that is asked for",
  input: v.object({ how: v.picklist(["result", "tool", "busy", "bug", "promise"]) }),
  annotations: readOnly,
  run({ how }): CallResult | Promise<CallResult> {
    if (how === "tool") throw new ToolError("tool_failed", "The disk is full");
    if (how === "busy") {
      throw new UnavailableError("upstream_unavailable", "The other server is away");
    }
    if (how === "bug") throw new TypeError("x is not a function");
    if (how === "promise") return Promise.reject(new RangeError("later"));
    return { content: [text("it did not work")], isError: true };
  },
});

const wipe: Tool = defineTool({
  name: "wipe",
  description: "Remove everything",
  input: v.object({}),
  run: () => "gone",
});

const restart: Tool = defineTool({
  name: "restart",
  description: "Restart the server",
  input: v.object({}),
  annotations: readOnly,
  routing: { ability: "admin" },
  run: () => "restarted",
});

function ask(context: ToolContext): CallResult | { readonly greeting: string } {
  const answer = context.inputResponses?.who as
    | { readonly action?: string; readonly content?: { readonly name?: string } }
    | undefined;
  if (answer) return { greeting: `Hello ${answer.content?.name}, ${context.requestState}` };
  const requestedSchema = { type: "object", properties: { name: { type: "string" } } };
  return {
    content: [],
    resultType: "input_required",
    inputRequests: {
      who: {
        method: "elicitation/create",
        params: { mode: "form", message: "Your name?", requestedSchema },
      },
    },
    requestState: "kept for you",
  };
}

const greet: Tool = defineTool({
  name: "greet",
  description: "Ask for a name, then greet",
  input: v.object({ salt: v.optional(v.string()) }),
  annotations: readOnly,
  isInteractive: true,
  run: (_, context) => ask(context),
});

function waitingTools(moments: Moments): readonly Tool[] {
  return [
    defineTool({
      name: "wait",
      description: "Wait until cancelled",
      input: v.object({ key: v.string() }),
      annotations: readOnly,
      run: async ({ key }, { signal }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => resolve(), { once: true });
        moments.happened(`started:${key}`);
        if (!signal.aborted) await promise;
        moments.happened(`cancelled:${key}`);
        throw signal.reason;
      },
    }),
    defineTool({
      name: "count",
      description: "Count to a number, reporting each step; then wait for a moment",
      input: v.object({ to: v.number(), until: v.optional(v.string()) }),
      annotations: readOnly,
      run: async ({ to, until }, { progress, log }) => {
        for (let at = 1; at <= to; at += 1) progress(at, to, `step ${at}`);
        log("info", "counted");
        if (until !== undefined) await moments.wait(until);
        return { counted: to };
      },
    }),
    defineTool({
      name: "begin",
      description: "Let a moment come",
      input: v.object({ moment: v.string() }),
      annotations: readOnly,
      run: ({ moment }) => moments.happened(moment),
    }),
    defineTool({
      name: "seen",
      description: "Wait for a moment of another call",
      input: v.object({ moment: v.string() }),
      annotations: readOnly,
      run: async ({ moment }) => {
        await moments.wait(moment);
        return { moment };
      },
    }),
  ];
}

const NOTES: ReadonlyMap<string, string> = new Map([
  ["note://a", "first"],
  ["note://b", "second"],
]);

function offerOf(watched: string[]): Offer {
  return {
    listResources: async () => [...NOTES].map(([uri, name]) => ({ uri, name })),
    listResourceTemplates: async () => [{ uriTemplate: "note://{id}", name: "note" }],
    async readResource(uri) {
      const found = NOTES.get(uri);
      return found === undefined ? undefined : { contents: [{ uri, text: found }] };
    },
    subscribe: async (uri) => void watched.push(`+${uri}`),
    unsubscribe: async (uri) => void watched.push(`-${uri}`),
    listPrompts: async () => [
      { name: "hello", description: "A greeting", arguments: [{ name: "who", required: true }] },
    ],
    getPrompt: async (_, { who = "nobody" }) => ({
      messages: [{ role: "user", content: { type: "text", text: `Hello ${who}` } }],
    }),
    async complete(params) {
      const { value = "" } = (params.argument ?? {}) as { value?: string };
      const values = ["ada", "alan", "grace"].filter((name) => name.startsWith(value));
      return { completion: { values, total: values.length, hasMore: false } };
    },
  };
}

/** Fresh categories. */
export function createFixtures(): Fixtures {
  const moments = createMoments();
  const watched: string[] = [];
  const grow: Tool = defineTool({
    name: "grow",
    description: "Have one more tool",
    input: v.object({}),
    annotations: readOnly,
    run() {
      fixtures.grow();
      return "grown";
    },
  });
  const tools = [add, echo, fail, wipe, restart, greet, grow, ...waitingTools(moments)];
  const fixtures: Fixtures = {
    categories: [categoryOf("demo", tools), categoryOf("notes", [], { offer: offerOf(watched) })],
    moments,
    watched,
    grow() {},
  };
  return fixtures;
}

/** The category that `grow` adds. */
export const grownCategory: Category = categoryOf("grown", [
  defineTool({
    name: "new_tool",
    description: "It was not there before",
    input: v.object({}),
    annotations: readOnly,
    run: () => "new",
  }),
]);
