/** A caller that calls every tool of a mounted server, reads its resources and gets its prompts. @module */

import type { App } from "../../src/app-types.ts";
import { messageOf } from "../../src/errors.ts";
import { localCaller } from "../../src/registry/caller.ts";
import { exampleOf } from "../../src/registry/meta-tools.ts";
import type { OfferContext } from "../../src/registry/offer.ts";
import type { RegisteredTool } from "../../src/registry/registry.ts";
import type { CallResult } from "../../src/registry/result.ts";

/** A call that the suite wants to see. */
export interface WantedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What this caller can be asked. */
const client = { elicitation: { form: {} }, sampling: {}, roots: {} } as const;

const MAX_ROUNDS = 5;

/** Use everything that the category offers; returns what went wrong, in sentences. */
export async function useEverything(
  app: App,
  category: string,
  wanted: readonly WantedCall[],
): Promise<string[]> {
  const failures: string[] = [];
  const attempt = async (what: string, doing: () => Promise<unknown>): Promise<void> => {
    try {
      await doing();
    } catch (error) {
      failures.push(`${what}: ${messageOf(error)}`);
    }
  };
  const tools = await app.registry.list(localCaller, category);
  for (const tool of tools) {
    const input = inputOf(tool, tools, wanted);
    await attempt(tool.name, () => callThrough(app, tool.name, input));
  }
  await attempt("resources", () => readAll(app, category));
  await attempt("prompts", () => getAll(app, category));
  return failures;
}

function inputOf(
  { name, tool }: RegisteredTool,
  tools: readonly RegisteredTool[],
  wanted: readonly WantedCall[],
): unknown {
  const call = wanted.find((one) => one.name === name);
  // Our gateway refuses null where the schema does not allow it: it is left out instead.
  if (call) return withoutNull(call.arguments);
  // The suite wants to see what we made of the other tool's schema.
  const other = tools.find((one) => one.name === "json_schema_2020_12_tool");
  return name === "json_schema_echo" ? { schema: other?.tool.inputSchema } : exampleOf(tool);
}

function withoutNull(given: WantedCall["arguments"]): WantedCall["arguments"] {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

/** Call a tool and answer all that it asks. */
async function callThrough(app: App, tool: string, input: unknown): Promise<CallResult> {
  let round: Partial<Pick<CallResult, "requestState">> & { inputResponses?: object } = {};
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const result = await app.call({
      ...{ tool, input, client, caller: localCaller },
      ...(round as object),
    });
    if (result.resultType !== "input_required") return result;
    const { requestState, inputRequests = {} } = result;
    const answers = Object.entries(inputRequests).map(([key, question]) => [key, answer(question)]);
    round = {
      inputResponses: Object.fromEntries(answers),
      ...(requestState !== undefined && { requestState }),
    };
  }
  throw new Error(`it asked more than ${MAX_ROUNDS} times`);
}

interface Question {
  readonly method: string;
  readonly params: {
    readonly requestedSchema?: {
      readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
    };
  };
}

/** A person who accepts every form as it is proposed, a model that says yes, no folders. */
function answer(question: unknown): unknown {
  const { method, params } = question as Question;
  if (method === "roots/list") return { roots: [] };
  if (method === "sampling/createMessage") {
    return { role: "assistant", content: { type: "text", text: "Yes" }, model: "none" };
  }
  const fields = Object.entries(params.requestedSchema?.properties ?? {});
  return {
    action: "accept",
    content: Object.fromEntries(fields.map(([name, schema]) => [name, schema.default ?? true])),
  };
}

function contextOf(): OfferContext {
  return {
    ...{ caller: localCaller, client, inputResponses: undefined, requestState: undefined },
    signal: AbortSignal.timeout(10_000),
    progress: () => undefined,
    log: () => undefined,
  };
}

async function readAll(app: App, category: string): Promise<void> {
  const offer = app.registry.category(category)?.offer;
  const context = contextOf();
  for (const { uri } of (await offer?.listResources?.(context)) ?? []) {
    await offer?.readResource?.(uri, context);
  }
}

async function getAll(app: App, category: string): Promise<void> {
  const offer = app.registry.category(category)?.offer;
  const context = contextOf();
  for (const { name } of (await offer?.listPrompts?.(context)) ?? []) {
    await offer?.getPrompt?.(name, {}, context);
  }
}
