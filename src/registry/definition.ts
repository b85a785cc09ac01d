/**
 * The shape of a tool: as its author writes it (`defineTool`), and as the server holds it (`Tool`).
 *
 * @module
 */

import type { GenericSchema, InferInput, InferOutput, ObjectEntries, ObjectSchema } from "valibot";
import type { Access } from "./caller.ts";
import type { ToolContext } from "./context.ts";
import { type JsonSchema, schemaOf } from "./json-schema.ts";
import { checkOutput, parseInput } from "./parse.ts";
import { type CallResult, isCallResult, toCallResult } from "./result.ts";

/** Where a call may run. */
export type RuntimeName = "local" | "mesh";

/** MCP's hints about a tool's behaviour. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** How often and how long a tool may run. */
export interface ToolLimits {
  /** Calls in flight at once, over all callers. */
  readonly concurrency?: number;
  /** Calls per second and caller, as a token bucket of one second. */
  readonly perSecond?: number;
}

/** Where a tool runs and what a call of it needs. */
export interface Routing {
  /** Left out, the router decides by the tool's name. */
  readonly runtime?: RuntimeName;
  readonly requiresMesh?: boolean;
  /** Left out, the server's default. */
  readonly timeoutMs?: number;
  /** Named right that the caller must hold. */
  readonly ability?: string;
  /** For pure tools: how long a result may be served again for the same input. */
  readonly cacheTtlMs?: number;
  readonly limits?: ToolLimits;
}

/** Any tool, whatever its source, as registry, router and engine hold it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** One line of at most 100 characters, for lists. */
  readonly summary: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
  readonly routing: Routing;
  /** How far a caller's grant must reach. */
  readonly access: Access;
  /** The tool may ask the client something before it can finish (elicitation, sampling, roots). */
  readonly isInteractive?: boolean;
  /** Left out, a call of it never becomes a task. */
  readonly taskSupport?: TaskSupport;
  /** Its questions before a call becomes a task, or nothing once they are answered. */
  readonly asksFirst?: AsksFirst<unknown>;
  /** An example input, checked by tests against the schema. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** The peer at which it runs; missing where that is here. */
  readonly peer?: string;
  /** MCP `_meta` and icons to pass on unchanged. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Check and complete the input; throws an `InputError` that names path and expectation. */
  parse(input: unknown): unknown;
  run(input: unknown, context: ToolContext): Promise<CallResult> | CallResult;
}

/**
 * Whether calls of a tool become tasks (MCP Tasks) where the client knows them: what takes long, or
 * waits for people. For other clients an optional one runs as any other, a required one does not.
 */
export type TaskSupport = "optional" | "required";

/** What a tool can look at before it decides what to ask. */
export type AskingRound = Pick<ToolContext, "client" | "inputResponses" | "requestState">;

/** Asks for what must be known before the work can begin. */
export type AsksFirst<Input> = (input: Input, round: AskingRound) => CallResult | undefined;

/** A tool as its author writes it. */
export interface ToolDefinition<
  Entries extends ObjectEntries,
  Output extends GenericSchema | undefined,
> {
  readonly name: string;
  /** Left out, the name in words. */
  readonly title?: string;
  /** One sentence of at most 100 characters. */
  readonly description: string;
  /** More for those who ask for the schema: behaviour, units, limits. */
  readonly details?: string;
  readonly input: ObjectSchema<Entries, undefined>;
  /** Shape of the result; left out, the handler may return any JSON or a `CallResult`. */
  readonly output?: Output;
  readonly annotations?: ToolAnnotations;
  readonly routing?: Routing;
  readonly isInteractive?: boolean;
  /** For what takes long, or waits for people: calls become tasks where the client knows those. */
  readonly taskSupport?: TaskSupport;
  /**
   * Asks what must be known before the work begins; `run` follows when it asks nothing more. A tool
   * that asks first asks nothing later.
   */
  readonly asksFirst?: AsksFirst<InferOutput<ObjectSchema<Entries, undefined>>>;
  readonly example?: InferInput<ObjectSchema<Entries, undefined>>;
  run(
    input: InferOutput<ObjectSchema<Entries, undefined>>,
    context: ToolContext,
  ): Handled<Output> | Promise<Handled<Output>>;
}

type Handled<Output> = Output extends GenericSchema ? InferInput<Output> | CallResult : unknown;

/** `read_text_file` → `Read text file`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How far a grant must reach for a tool with these hints; MCP's default is "destructive". */
export function accessOf(annotations: ToolAnnotations): Access {
  if (annotations.readOnlyHint === true) return "read";
  return annotations.destructiveHint === false ? "write" : "destructive";
}

/** A handler's value as a result; what it structured must be what its schema promises. */
function resultOf(name: string, output: GenericSchema | undefined, value: unknown): CallResult {
  if (!isCallResult(value)) return toCallResult(checkOutput(name, output, value));
  const { structuredContent, isError } = value;
  if (isError || structuredContent === undefined) return value;
  return { ...value, structuredContent: checkOutput(name, output, structuredContent) };
}

/**
 * Make a tool of a definition; the handler's input type is inferred from the schema.
 *
 * @example
 * ```ts
 * export const greet: Tool = defineTool({
 *   name: "greet",
 *   description: "Say hello to someone",
 *   input: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
 *   run: ({ name }) => ({ greeting: `Hello, ${name}!` }),
 * });
 * ```
 */
export function defineTool<
  Entries extends ObjectEntries,
  Output extends GenericSchema | undefined = undefined,
>(definition: ToolDefinition<Entries, Output>): Tool {
  const { name, description, input, output, run, taskSupport, asksFirst } = definition;
  const annotations = definition.annotations ?? {};
  const title = definition.title ?? annotations.title ?? titleOf(name);
  // JSON Schema is derived on first use: most tools of a category are never described.
  let inputSchema: JsonSchema | undefined;
  let outputSchema: JsonSchema | undefined;
  return {
    name,
    title,
    summary: description,
    description: definition.details ? `${description}. ${definition.details}` : description,
    get inputSchema() {
      inputSchema ??= schemaOf(input, "input");
      return inputSchema;
    },
    ...(output && {
      get outputSchema() {
        outputSchema ??= schemaOf(output, "output");
        return outputSchema;
      },
    }),
    annotations: { title, ...annotations },
    routing: definition.routing ?? {},
    access: accessOf(annotations),
    ...(definition.isInteractive && { isInteractive: true }),
    ...(taskSupport && { taskSupport }),
    // `value` came from `parse` below, whose output type is the handler's input type.
    ...(asksFirst && { asksFirst: asksFirst as AsksFirst<unknown> }),
    ...(definition.example && { example: definition.example as Record<string, unknown> }),
    parse: (value) => parseInput(name, input, value),
    run(value, context) {
      // `value` came from `parse` above, whose output type is the handler's input type.
      const input = value as Parameters<typeof run>[0];
      const questions = asksFirst?.(input, context);
      if (questions) return questions;
      const returned = run(input, context);
      return returned instanceof Promise
        ? returned.then((settled) => resultOf(name, output, settled))
        : resultOf(name, output, returned);
    },
  };
}
